#include "diagnose/run_checks.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "checks/dns_health.h"
#include "checks/dnsbl.h"
#include "checks/message_auth_finding.h"
#include "checks/mx.h"
#include "checks/ptr.h"
#include "checks/receiver.h"
#include "checks/returned_auth.h"
#include "checks/reverse_zone.h"
#include "checks/spf.h"
#include "checks/whois.h"
#include "core/text.h"
#include "diagnose/list_names.h"

namespace maildiag::diagnose {

namespace {

using Findings = std::vector<Finding>;

/// Why a check cannot run for a subject: a label id, or nullptr if it can.
using Precondition = const char* (*)(const Subject&);
using Runner = Task<Findings> (*)(checks::Context, Subject);

struct Check {
  std::string_view id;
  Precondition missing;
  Runner run;
  Precondition wanted = nullptr;  ///< what it can do without, but had better know
};

const char* needs_ip(const Subject& subject) {
  return subject.ip ? nullptr : "verdict.no-sending-ip";
}
const char* needs_helo(const Subject& subject) {
  if (subject.helo.empty()) return "verdict.no-helo";
  return needs_ip(subject);
}
const char* needs_sender(const Subject& subject) {
  if (!subject.sender_domain && subject.helo.empty()) return "verdict.no-sender";
  return needs_ip(subject);
}
const char* needs_envelope(const Subject& subject) {
  return subject.sender_assumed ? "verdict.no-sender" : needs_ip(subject);
}
const char* needs_sender_domain(const Subject& subject) {
  return subject.sender_domain ? nullptr : "verdict.no-sender";
}
const char* needs_recipient(const Subject& subject) {
  return subject.recipient_domain ? nullptr : "verdict.no-recipient";
}
const char* needs_route(const Subject& subject) {
  if (subject.remote_host.empty() && !subject.remote_ip) return "verdict.no-remote-host";
  return needs_recipient(subject);
}
const char* needs_receiver(const Subject& subject) {
  return subject.passive ? "verdict.passive" : needs_recipient(subject);
}
const char* needs_message(const Subject& subject) {
  return subject.returned ? nullptr : "verdict.no-message";
}
const char* needs_author(const Subject& subject) {
  return subject.author_domain ? nullptr : "verdict.no-message";
}
const char* needs_listed_domain(const Subject& subject) {
  return subject.listed_domain ? nullptr : "verdict.no-domain";
}

Task<Findings> run_ptr(checks::Context context, Subject subject) {
  auto result = co_await checks::check_ptr(context, *subject.ip, subject.helo);
  co_return std::move(result.findings);
}

Task<Findings> run_reverse_zone(checks::Context context, Subject subject) {
  auto result = co_await checks::find_reverse_zone(context, *subject.ip);
  co_return std::move(result.findings);
}

Task<Findings> run_holder(checks::Context context, Subject subject) {
  co_return co_await checks::find_holder(context, *subject.ip);
}

/// SPF is about MAIL FROM (RFC 7208 section 2.4), and so is a refusal of the sender's domain: what
/// is found for a From field decides nothing.
Findings about_sender(Findings findings, const Subject& subject) {
  if (subject.sender_assumed) {
    for (auto& finding : findings) finding.data.set("sender_assumed", true);
  }
  return findings;
}

Task<Findings> run_sender_domain(checks::Context context, Subject subject) {
  auto result =
      co_await checks::check_mail_domain(context, *subject.sender_domain, "sender-domain");
  co_return about_sender(std::move(result.findings), subject);
}

Task<Findings> run_recipient_domain(checks::Context context, Subject subject) {
  auto result =
      co_await checks::check_mail_domain(context, *subject.recipient_domain, "recipient-domain");
  co_return std::move(result.findings);
}

Task<Findings> run_spf(checks::Context context, Subject subject) {
  checks::SpfRequest request;
  request.ip = *subject.ip;
  request.helo = subject.helo;
  request.sender = subject.sender;
  if (request.sender.empty() && subject.sender_domain)
    request.sender = "postmaster@" + subject.sender_domain->to_string();
  auto result = co_await checks::check_spf(context, request);
  co_return about_sender(std::move(result.findings), subject);
}

/// The session as the receiver saw it, at the time when it answered: signatures may have expired
/// since.
checks::MessageRequest request_of(const Subject& subject) {
  checks::MessageRequest request;
  request.envelope.ip = subject.ip;
  request.envelope.helo = subject.helo;
  if (subject.sender.empty() && subject.sender_domain) {
    request.envelope.sender = "postmaster@" + subject.sender_domain->to_string();
  } else if (!subject.sender.empty() || !subject.sender_assumed) {
    request.envelope.sender = subject.sender;  // "": the null reverse-path
  }
  request.sender_assumed = subject.sender_assumed;
  request.now = subject.time.value_or(std::chrono::system_clock::now());
  request.copy = checks::Copy::none;
  if (subject.returned != nullptr) {
    request.copy = subject.returned->headers_only ? checks::Copy::header : checks::Copy::returned;
    request.maybe_unsigned = checks::may_precede_signing(subject.returned->raw);
  }
  return request;
}

Task<Findings> run_dkim(checks::Context context, Subject subject) {
  auto octets = subject.returned->raw;
  co_return co_await checks::check_returned_dkim(context, std::move(octets), request_of(subject));
}

Task<Findings> run_dmarc(checks::Context context, Subject subject) {
  auto octets = subject.returned != nullptr ? subject.returned->raw : std::string();
  auto request = request_of(subject);
  auto author = *subject.author_domain;
  co_return co_await checks::check_returned_message(context, std::move(octets), std::move(author),
                                                    std::move(request));
}

Task<Findings> run_dnsbl_ip(checks::Context context, Subject subject) {
  const checks::DnsblTarget target = *subject.ip;
  checks::DnsblOptions options;
  auto result = co_await checks::check_dnsbl(context, target, options);
  // A list that the reply names is asked even if it is not on by default.
  options.only = lists_named(context.rulebook, subject.list, target);
  std::erase_if(options.only, [&result](const std::string& zone) {
    return std::ranges::any_of(
        result.lists, [&zone](const checks::ListResult& list) { return list.zone == zone; });
  });
  if (!options.only.empty()) {
    auto named = co_await checks::check_dnsbl(context, target, options);
    std::move(named.findings.begin(), named.findings.end(), std::back_inserter(result.findings));
  }
  co_return std::move(result.findings);
}

Task<Findings> run_dnsbl_domain(checks::Context context, Subject subject) {
  const checks::DnsblTarget target = *subject.listed_domain;
  const checks::DnsblOptions options;
  auto result = co_await checks::check_dnsbl(context, target, options);
  co_return std::move(result.findings);
}

checks::ReceiverRequest receiver_of(const Subject& subject) {
  return {*subject.recipient_domain, subject.remote_host, subject.remote_ip, subject.remote_greeted,
          message_octets(subject)};
}

Task<Findings> run_route(checks::Context context, Subject subject) {
  auto request = receiver_of(subject);
  co_return co_await checks::check_route(context, std::move(request));
}

Task<Findings> run_receiver(checks::Context context, Subject subject) {
  auto request = receiver_of(subject);
  co_return co_await checks::check_receiver(context, std::move(request));
}

/// What is wrong with the recipient's name servers; nothing where none of them could be asked.
Task<Findings> run_dns_health(checks::Context context, Subject subject) {
  Findings findings;
  if (context.network == nullptr || subject.passive) co_return findings;
  checks::DnsHealthRequest request;
  request.domain = *subject.recipient_domain;
  request.reach = net::Reach::public_only;
  auto health = co_await checks::check_dns_health(context, std::move(request));
  const bool asked = std::ranges::any_of(
      health.servers, [](const checks::ServerState& server) { return server.asked; });
  if (!asked) co_return findings;
  findings = std::move(health.findings);
  std::erase_if(findings, [](const Finding& finding) {
    return finding.severity == Severity::ok || finding.severity == Severity::info;
  });
  co_return findings;
}

constexpr std::array known_checks{
    Check{"ptr", needs_ip, run_ptr},
    Check{"helo", needs_helo, run_ptr},
    Check{"sender-domain", needs_sender_domain, run_sender_domain},
    Check{"recipient-domain", needs_recipient, run_recipient_domain},
    Check{"dns-health", needs_recipient, run_dns_health},
    Check{"route", needs_route, run_route},
    Check{"receiver", needs_receiver, run_receiver},
    Check{"spf", needs_sender, run_spf},
    Check{"dkim", needs_message, run_dkim},
    Check{"dmarc", needs_author, run_dmarc, needs_envelope},
    Check{"dnsbl-ip", needs_ip, run_dnsbl_ip},
    Check{"dnsbl-domain", needs_listed_domain, run_dnsbl_domain},
    Check{"reverse-zone", needs_ip, run_reverse_zone},
    Check{"holder", needs_ip, run_holder},
};

const Check& find_check(std::string_view id) {
  const auto* const found = std::find_if(known_checks.begin(), known_checks.end(),
                                         [id](const Check& check) { return check.id == id; });
  if (found == known_checks.end())
    throw std::invalid_argument(fmt::format("causes.toml names an unknown check: {}", id));
  return *found;
}

void note_missing(const char* label, CheckRun& run) {
  if (label != nullptr && std::ranges::find(run.missing, label) == run.missing.end())
    run.missing.emplace_back(label);
}

/// "dmarc" evaluates SPF and DKIM, too.
void drop_covered(std::vector<const Check*>& chosen) {
  const bool whole =
      std::ranges::any_of(chosen, [](const Check* check) { return check->run == run_dmarc; });
  if (!whole) return;
  std::erase_if(chosen,
                [](const Check* check) { return check->run == run_spf || check->run == run_dkim; });
}

}  // namespace

Task<void> run_checks(checks::Context context, Subject subject, std::vector<std::string> ids,
                      CheckRun& run) {
  std::vector<const Check*> chosen;
  for (const auto& id : ids) {
    const Check& check = find_check(id);
    if (!run.done.insert(id).second) continue;
    if (const char* missing = check.missing(subject)) {
      note_missing(missing, run);
      continue;
    }
    chosen.push_back(&check);
    // It looks at the HELO name, too.
    if (check.run == run_ptr) run.done.insert({"ptr", "helo"});
    if (check.run == run_dmarc) run.done.insert({"spf", "dkim"});
  }
  drop_covered(chosen);
  std::vector<Findings> results(chosen.size());
  const auto one = [&context, &subject, &chosen, &results](std::size_t index) -> Task<void> {
    auto findings = co_await chosen[index]->run(context, subject);
    results[index] = std::move(findings);
  };
  co_await for_each_index(chosen.size(), chosen.size() + 1, one);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (chosen[i]->wanted != nullptr && !checks::message_auth::decides_dmarc(results[i]))
      note_missing(chosen[i]->wanted(subject), run);
    std::move(results[i].begin(), results[i].end(), std::back_inserter(run.findings));
  }
}

}  // namespace maildiag::diagnose
