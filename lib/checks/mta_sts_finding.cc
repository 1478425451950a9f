#include "checks/mta_sts_finding.h"

#include <algorithm>
#include <utility>

#include "checks/shared_alias.h"
#include "checks/spf_finding.h"
#include "core/text.h"

namespace maildiag::checks::mta_sts {

namespace {

/// Section 3.2 expects weeks; an attacker who keeps a sender from the policy host waits so long.
constexpr std::uint32_t short_max_age = 7 * 24 * 3600;
constexpr long http_ok = 200;

bool is_redirect(long status) {
  constexpr long first = 300;
  constexpr long last = 399;
  return status >= first && status <= last;
}

bool is_plain_text(std::string_view content_type) {
  const auto type = text::trim(content_type.substr(0, content_type.find(';')));
  return text::equals_ignore_case(type, "text/plain");
}

/// The transfer itself as evidence.
Finding make_fetch(std::string_view id, Severity severity, const MtaStsReport& report) {
  auto finding = make(id, severity, report);
  finding.evidence.clear();
  const auto& reply = report.fetch.reply;
  if (!reply) {
    for (const auto& answer : report.fetch.answers)
      finding.evidence.push_back(dns::to_evidence(answer));
    return finding;
  }
  finding.data.set("reason", reply->reason);
  finding.data.set("status", reply->status);
  finding.data.set("type", reply->content_type);
  finding.data.set("location", reply->location);
  finding.data.set("limit", max_policy_octets);
  finding.evidence.push_back({Value::object({{"kind", "http"},
                                             {"url", report.fetch.url},
                                             {"address", reply->address.to_string()},
                                             {"fault", to_string(reply->fault)},
                                             {"reason", reply->reason},
                                             {"status", reply->status}})});
  return finding;
}

/// An id where the transfer failed for good; empty: it did not, or for reasons that may pass.
std::string_view fetch_fault(const net::HttpReply& reply) {
  switch (reply.fault) {
    case net::Fault::certificate:
      return "mta-sts.policy-certificate";
    case net::Fault::handshake:
    case net::Fault::protocol:
      return "mta-sts.policy-tls";
    case net::Fault::too_large:
      return "mta-sts.policy-too-large";
    default:
      break;
  }
  if (reply.fault != net::Fault::none || reply.status == http_ok) return {};
  return is_redirect(reply.status) ? "mta-sts.policy-redirect" : "mta-sts.policy-status";
}

void add_certificate(const MtaStsReport& report, WallTime now, std::vector<Finding>& findings) {
  if (!report.fetch.certificate) return;
  const auto& certificate = *report.fetch.certificate;
  const auto expiry = expiry_of(certificate, now, ExpiryLimits{});
  if (expiry != Expiry::soon && expiry != Expiry::imminent) return;
  auto finding = make_fetch("mta-sts.policy-certificate-expires-soon", Severity::warning, report);
  finding.data.set("days", certificate.days_left(now));
  finding.data.set("not_after", to_rfc3339(certificate.not_after));
  findings.push_back(std::move(finding));
}

void add_hosts(const MtaStsReport& report, std::vector<Finding>& findings) {
  const bool enforce = report.fetch.policy->mode == Mode::enforce;
  for (const auto& host : report.hosts) {
    if (host.covered) continue;
    auto finding =
        make("mta-sts.mx-not-covered", enforce ? Severity::critical : Severity::warning, report);
    finding.data.set("host", host.name.to_string());
    finding.data.set("patterns", Value::strings(report.fetch.policy->patterns));
    findings.push_back(std::move(finding));
  }
  std::vector<std::string> unused;
  for (const auto& pattern : report.fetch.policy->patterns) {
    const auto covers = [&pattern](const auto& host) { return matches(pattern, host.name); };
    if (std::none_of(report.hosts.begin(), report.hosts.end(), covers)) unused.push_back(pattern);
  }
  if (unused.empty() || report.hosts.empty()) return;
  auto finding = make("mta-sts.pattern-unused", Severity::info, report);
  finding.data.set("patterns", Value::strings(unused));
  findings.push_back(std::move(finding));
}

/// The name is an alias, and no record stands at its end.
Finding alias_without_record(const MtaStsReport& report) {
  const auto& answer = report.found.answer;
  const bool gone = answer.outcome == dns::Outcome::nxdomain;
  const bool known = report.nonsense && report.nonsense->definite();
  const bool shared = known && is_shared_alias(answer, *report.nonsense);
  // Behind a DNAME each name that has no other end is one that nobody needs; a wildcard's only
  // target, though, is missed.
  if (shared && !(gone && answer.cname_chain == report.nonsense->cname_chain))
    return make("mta-sts.missing", Severity::info, report);
  if (gone) return make("mta-sts.dangling-alias", Severity::warning, report);
  return make("mta-sts.alias-without-record", known ? Severity::warning : Severity::info, report);
}

/// What is said about a policy that senders can use.
void add_usable(const MtaStsReport& report, std::vector<Finding>& findings) {
  const auto& policy = *report.fetch.policy;
  if (policy.mode == Mode::none) {
    findings.push_back(make("mta-sts.mode-none", Severity::info, report));
    return;
  }
  add_hosts(report, findings);
  if (policy.mode == Mode::testing)
    findings.push_back(make("mta-sts.mode-testing", Severity::info, report));
  if (policy.mode == Mode::enforce && *policy.max_age < short_max_age)
    findings.push_back(make("mta-sts.max-age-short", Severity::warning, report));
  // Without a host nothing is known of MX, or there is none.
  const bool covered =
      !report.hosts.empty() && std::all_of(report.hosts.begin(), report.hosts.end(),
                                           [](const auto& host) { return host.covered; });
  if (report.mode() == Mode::enforce && covered)
    findings.push_back(make("mta-sts.enforced", Severity::ok, report));
}

}  // namespace

Finding make(std::string_view id, Severity severity, const MtaStsReport& report) {
  auto finding = tls_text::make_finding(id, severity, report.found);
  finding.data.set("url", report.fetch.url);
  finding.data.set("policy_host", report.fetch.host.to_string());
  if (report.fetch.policy && report.fetch.policy->max_age)
    finding.data.set("max_age", *report.fetch.policy->max_age);
  return finding;
}

void add_record(const MtaStsReport& report, std::vector<Finding>& findings) {
  const auto& found = report.found;
  for (const auto& text : found.near_records) {
    auto finding = make("mta-sts.not-a-record", Severity::warning, report);
    finding.data.set("text", spf::shown(text));
    findings.push_back(std::move(finding));
  }
  if (!found.answer.definite()) {
    findings.push_back(make("mta-sts.unanswered", Severity::unknown, report));
  } else if (found.records.empty()) {
    const bool policy = report.fetch.policy && report.fetch.policy->usable();
    if (policy) {
      findings.push_back(make("mta-sts.policy-without-record", Severity::warning, report));
    } else if (!found.answer.cname_chain.empty()) {
      findings.push_back(alias_without_record(report));
    } else {
      findings.push_back(make("mta-sts.missing", Severity::info, report));
    }
  } else if (found.records.size() > 1) {
    findings.push_back(make("mta-sts.several-records", Severity::critical, report));
  } else {
    for (const auto& problem : report.record->problems)
      findings.push_back(tls_text::make_finding(problem, found));
    if (!found.answer.cname_chain.empty())
      findings.push_back(make("mta-sts.alias", Severity::info, report));
  }
}

void add_fetch(const MtaStsReport& report, WallTime now, std::vector<Finding>& findings) {
  const auto& fetch = report.fetch;
  if (report.found.records.empty() || fetch.untried()) return;
  if (!fetch.has_address()) {
    findings.push_back(fetch.unknown()
                           ? make_fetch("mta-sts.policy-host-unanswered", Severity::unknown, report)
                           : make_fetch("mta-sts.policy-host-missing", Severity::critical, report));
    return;
  }
  if (fetch.inside()) {
    Value addresses = Value::array();
    for (const auto& address : fetch.addresses()) addresses.push(address.to_string());
    findings.push_back(make_fetch("mta-sts.policy-host-private", Severity::unknown, report));
    findings.back().data.set("addresses", std::move(addresses));
    return;
  }
  if (fetch.unknown()) {
    const bool own = fetch.reply && net::is_own(fetch.reply->fault);
    findings.push_back(make_fetch(own ? "mta-sts.not-equipped" : "mta-sts.policy-unreachable",
                                  Severity::unknown, report));
    return;
  }
  if (const auto id = fetch_fault(*fetch.reply); !id.empty()) {
    findings.push_back(make_fetch(id, Severity::critical, report));
    return;
  }
  if (!is_plain_text(fetch.reply->content_type))
    findings.push_back(make_fetch("mta-sts.policy-content-type", Severity::warning, report));
  add_certificate(report, now, findings);
}

void add_policy(const MtaStsReport& report, std::vector<Finding>& findings) {
  if (!report.fetch.policy || report.found.records.empty()) return;
  for (const auto& problem : report.fetch.policy->problems) {
    auto finding = tls_text::make_finding(problem, report.found);
    finding.data.set("url", report.fetch.url);
    findings.push_back(std::move(finding));
  }
  if (report.fetch.policy->usable()) add_usable(report, findings);
}

}  // namespace maildiag::checks::mta_sts
