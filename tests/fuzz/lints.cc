// What is said of a domain's records before anybody has mailed with them: never better than what a
// receiver makes of the same zone.
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "checks/dkim.h"
#include "checks/dmarc.h"
#include "checks/dmarc_finding.h"
#include "checks/message_auth.h"
#include "checks/public_suffix.h"
#include "checks/spf.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "fuzz/zone_lines.h"
#include "support/check_context.h"

namespace maildiag::fuzz {

namespace {

using test::find;
using Zone = std::shared_ptr<test::MemoryBackend>;

constexpr WallTime fixed_now{std::chrono::seconds(1795000000)};  // November 2026

void check_texts(const Value& value) {
  if (value.is_string()) require(is_one_safe_line(value.as_string()), "a text is one safe line");
  for (const auto& item : value.as_array()) check_texts(item);
  for (const auto& member : value.as_object()) check_texts(member.value);
}

void check_findings(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    require(test::text_fault(finding).empty(), "a finding has its words, and what they name");
    require(is_one_safe_line(finding.subject), "a subject is one safe line");
    check_texts(finding.data);
  }
}

/// Runs one check on the zone; no more than `most` questions.
template <class T>
T run(const Zone& zone, std::size_t most, const std::function<Task<T>(checks::Context)>& check) {
  const auto before = zone->asked().size();
  auto result = test::run_check<T>(zone, check);
  require(zone->asked().size() - before <= most, "questions are bounded");
  return result;
}

void spf(const Zone& zone) {
  const std::string domain = "example.com";
  // Sixty records; each of 120 terms an mx of ten hosts with two types of addresses.
  constexpr std::size_t most_questions = 61 + 120 * 21, most_findings = 105;
  const auto report = run<checks::SpfReport>(zone, most_questions, [&](checks::Context context) {
    return checks::lint_spf(context, *DomainName::parse(domain));
  });
  require(report.findings.size() <= most_findings, "findings are bounded");
  check_findings(report.findings);
  require(report.tree->lookups <= checks::max_spf_tree_lookups, "lookups are counted to a bound");
  (void)report.to_value();
  if (find(report.findings, "spf.valid") == nullptr) return;
  // Nobody knows before the mail what these lead to.
  const bool open = find(report.findings, "spf.depends-on-mail") != nullptr;
  for (const char* ip : {"192.0.2.1", "2001:db8::1"}) {
    checks::SpfRequest request;
    request.ip = *IpAddress::parse(ip);
    request.sender = "postmaster@" + domain;
    request.helo = "mx.example.net";
    const auto found = run<checks::SpfEvaluation>(
        zone, 200, [&](checks::Context context) { return checks::evaluate_spf(context, request); });
    require(found.result != checks::SpfResult::none, "what is valid is found");
    // What has addresses of one family is void for a client of the other.
    const bool other_family = found.problem.code == "too-many-void-lookups";
    require(found.result != checks::SpfResult::permerror || open || other_family,
            "what is valid is no permerror");
  }
}

/// A message with one signature by this algorithm, which cannot hold.
std::string signed_message(std::string_view algorithm) {
  return "DKIM-Signature: v=1; a=" + std::string(algorithm) +
         "; d=example.com; s=s; h=from; bh=" + std::string(43, 'A') +
         "=; b=" + std::string(86, 'A') + "==\r\nFrom: a@example.com\r\n\r\nbody\r\n";
}

/// The key of selector "s"; the first line is a second selector.
void dkim(const Zone& zone, std::string_view selector) {
  const auto report = run<checks::DkimKeyReport>(zone, 2, [&](checks::Context context) {
    return checks::check_dkim_keys(context, *DomainName::parse("example.com"),
                                   {"s", std::string(selector)});
  });
  check_findings(report.findings);
  require(report.asked == 2 && report.unanswered == 0, "each selector is asked");
  check_texts(report.to_value());
  std::vector<const checks::DkimKey*> keys;
  for (const auto& key : report.keys) {
    if (key.selector == "s") keys.push_back(&key);
  }
  if (selector == "s" || keys.size() != 1) return;
  const auto& key = *keys.front();
  const auto valid =
      std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
        return finding.id == "dkim.key-valid" && finding.data["selector"].as_string() == "s";
      });
  require(valid == key.problem.empty(), "a key is valid, or it has a problem");
  for (const char* type : {"rsa", "ed25519"}) {
    const auto read = run<Result<checks::DkimMessageReport>>(zone, 2, [&](checks::Context context) {
      return checks::check_dkim_message(context, signed_message(std::string(type) + "-sha256"),
                                        fixed_now);
    });
    require(read && read->signatures.size() == 1, "a signature is read");
    check_findings(read->findings);
    const auto& signature = read->signatures.front();
    require(signature.result != checks::DkimResult::pass, "a made-up signature does not hold");
    require(!valid || key.type != type || signature.result == checks::DkimResult::fail,
            "what is valid is used");
    require(valid || signature.result == checks::DkimResult::permerror,
            "what is not valid is not used");
  }
}

void check_policy(const checks::DmarcReport& report) {
  using namespace checks::dmarc;
  const auto* record = report.record();
  require(!report.policy || record != nullptr, "a policy stands in a record");
  require(!report.policy || *report.policy <= *report.published, "t=y makes nothing stricter");
  require(!report.found_at || report.domain.is_under(*report.found_at),
          "a record is the domain's, or of one above");
  require(!report.organizational_domain || report.domain.is_under(*report.organizational_domain),
          "an organizational domain is above");
  if (find(report.findings, "dmarc.ok") == nullptr) return;
  require(record != nullptr && record->has_valid_policies(), "what is good has valid policies");
  require(report.policy && *report.policy != Policy::none, "what is good asks for something");
  for (const auto& step : report.walk.steps) {
    const bool several = step.domain == *report.found_at && !step.several.empty();
    require(!several, "of several records none counts");
  }
}

void dmarc(const Zone& zone) {
  using namespace checks::dmarc;
  static const checks::PublicSuffixes suffixes;
  const auto domain = *DomainName::parse("a.b.c.d.e.f.g.mail.example.com");
  // The walk, whether the name is there, RFC 7489's question, and a question or a walk for each
  // destination.
  constexpr std::size_t most_questions = 10 + 2 * max_uris * (1 + max_walk_queries);
  const auto report = run<checks::DmarcReport>(zone, most_questions, [&](checks::Context context) {
    return checks::check_dmarc(context, domain, {&suffixes, true});
  });
  require(report.walk.steps.size() <= max_walk_queries, "a walk is bounded");
  require(report.findings.size() <= max_lint_findings + 4 * max_walk_queries + 3 * max_uris + 20,
          "findings are bounded");
  check_findings(report.findings);
  check_texts(report.to_value());
  check_policy(report);
  checks::MessageRequest request;
  request.envelope = {*IpAddress::parse("192.0.2.1"), "mx.example.net", "a@example.net"};
  const auto judged = run<checks::MessageAuth>(
      zone, 3 * most_questions,
      [&](checks::Context context) { return checks::evaluate_envelope(context, domain, request); });
  const auto& verdict = judged.verdicts.front();
  require(verdict.policy.policy == report.policy, "a mail meets the policy that was found");
  require(find(report.findings, "dmarc.ok") == nullptr ||
              (verdict.result != checks::DmarcResult::none &&
               verdict.result != checks::DmarcResult::permerror),
          "what is good is applied to a mail");
}

}  // namespace

// The first octet: 'a' SPF, 'b' DKIM and a selector on the first line, 'c' DMARC; then the zone
// (zone_lines.h).
void lints(std::string_view octets) {
  switch (take_choice(octets, 3)) {
    case 0:
      return spf(read_zone(octets));
    case 1: {
      const auto selector = take_line(octets);
      return dkim(read_zone(octets), selector);
    }
    default:
      return dmarc(read_zone(octets));
  }
}

}  // namespace maildiag::fuzz
