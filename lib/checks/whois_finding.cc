#include "checks/whois_finding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace maildiag::checks::whois {

namespace {

std::string day_of(const std::optional<WallTime>& time) {
  constexpr std::size_t date = 10;  // 2026-11-22
  return time ? to_rfc3339(*time).substr(0, date) : std::string();
}

/// data {target, registry, server, source, ...}
Finding make(std::string_view id, Severity severity, const WhoisReport& report) {
  Finding finding;
  finding.id = std::string(id);
  finding.severity = severity;
  finding.subject = to_string(report.target);
  finding.data.set("target", finding.subject);
  finding.data.set("registry", report.registry);
  finding.data.set("server", report.server);
  finding.data.set("source", report.source);
  return finding;
}

Finding make_found(std::string_view id, Severity severity, const WhoisReport& report) {
  const auto& found = report.registration;
  auto finding = make(id, severity, report);
  finding.data.set("name", found.name);
  finding.data.set("range", found.range);
  finding.data.set("holder", found.holder.empty() ? found.name : found.holder);
  finding.data.set("country", found.country);
  finding.data.set("registrar", found.registrar);
  finding.data.set("expires", day_of(found.expires));
  finding.data.set("registered", day_of(found.registered));
  finding.data.set("abuse", found.abuse.email.empty() ? found.abuse.phone : found.abuse.email);
  return finding;
}

void add_failure(WhoisReport& report, const Answer& answer) {
  const auto add = [&](std::string_view id) {
    auto finding = make(id, Severity::unknown, report);
    finding.data.set("reason", answer.reason);
    finding.data.set("retry_after", answer.retry_after);
    finding.evidence = answer.evidence;
    report.findings.push_back(std::move(finding));
  };
  if (report.outcome == WhoisOutcome::offline) {
    add("whois.offline");
  } else if (report.outcome == WhoisOutcome::rate_limited) {
    add("whois.rate-limited");
  } else {
    add("whois.unanswered");
  }
}

bool has_status(const Registration& found, std::string_view status) {
  return std::find(found.status.begin(), found.status.end(), status) != found.status.end();
}

/// Statuses by which a domain stops to work, or soon will (RFC 5731 section 2.3, RFC 3915).
void add_status(WhoisReport& report) {
  const auto& found = report.registration;
  constexpr std::array<std::string_view, 3> held = {"client hold", "server hold", "inactive"};
  constexpr std::array<std::string_view, 3> leaving = {"redemption period", "pending delete",
                                                       "pending restore"};
  const auto add = [&](std::string_view id, const auto& statuses) {
    for (const auto status : statuses) {
      if (!has_status(found, status)) continue;
      auto finding = make_found(id, Severity::critical, report);
      finding.data.set("status", status);
      report.findings.push_back(std::move(finding));
      return;
    }
  };
  add("whois.held", held);
  add("whois.being-deleted", leaving);
}

void add_expiry(WhoisReport& report, WallTime now) {
  const auto& expires = report.registration.expires;
  if (!expires) return;
  using Days = std::chrono::duration<double, std::ratio<86400>>;
  const auto left = static_cast<std::int64_t>(std::floor(Days(*expires - now).count()));
  if (left >= expires_soon_days) return;
  const auto* const id = left < 0 ? "whois.expired" : "whois.expires-soon";
  auto finding =
      make_found(id, left < expires_now_days ? Severity::critical : Severity::warning, report);
  finding.data.set("days", left < 0 ? -left : left);
  report.findings.push_back(std::move(finding));
}

std::string_view found_id(const Target& target) {
  if (std::holds_alternative<DomainName>(target)) return "whois.domain";
  return std::holds_alternative<AsNumber>(target) ? "whois.as-number" : "whois.network";
}

}  // namespace

std::string_view to_string(WhoisOutcome outcome) {
  switch (outcome) {
    case WhoisOutcome::found:
      return "found";
    case WhoisOutcome::not_found:
      return "not-found";
    case WhoisOutcome::rate_limited:
      return "rate-limited";
    case WhoisOutcome::failed:
      return "failed";
    case WhoisOutcome::offline:
      break;
  }
  return "offline";
}

void add_registration(WhoisReport& report, const Answer& answer, WallTime now) {
  if (report.outcome == WhoisOutcome::not_found) {
    const bool domain = std::holds_alternative<DomainName>(report.target);
    auto finding = make(domain ? "whois.not-registered" : "whois.not-allocated",
                        domain ? Severity::critical : Severity::warning, report);
    finding.evidence = answer.evidence;
    report.findings.push_back(std::move(finding));
    return;
  }
  if (report.outcome != WhoisOutcome::found) return add_failure(report, answer);
  auto finding = make_found(found_id(report.target), Severity::ok, report);
  finding.evidence = answer.evidence;
  report.findings.push_back(std::move(finding));
  if (!std::holds_alternative<DomainName>(report.target)) return;
  add_status(report);
  add_expiry(report, now);
}

void add_special(WhoisReport& report) {
  report.findings.push_back(make("whois.special", Severity::info, report));
}

Contact reverse_contact(const Registration& registration) {
  auto contact = registration.technical.empty() ? registration.abuse : registration.technical;
  // The holder is who answers for the block; his desk's own name adds nothing to it.
  contact.name = registration.provider.empty() ? registration.holder : registration.provider;
  if (contact.name.empty()) contact.name = registration.name;
  return contact;
}

void add_holder(WhoisReport& report, const IpAddress& ip) {
  const auto contact = reverse_contact(report.registration);
  if (contact.name.empty() && contact.empty()) return;
  auto finding = make_found("ptr.holder", Severity::info, report);
  finding.subject = ip.to_string();
  finding.data.set("ip", finding.subject);
  finding.data.set("holder", contact.name);
  finding.data.set("contact", contact.email.empty() ? contact.phone : contact.email);
  report.findings.push_back(std::move(finding));
}

void add_holder_unknown(WhoisReport& report, const Answer& answer, const IpAddress& ip) {
  if (report.outcome != WhoisOutcome::failed && report.outcome != WhoisOutcome::rate_limited)
    return;
  // A name server that knows only some zones: nobody was asked.
  if (answer.evidence.empty()) return;
  auto finding = make("ptr.holder-unknown", Severity::unknown, report);
  finding.subject = ip.to_string();
  finding.data.set("ip", finding.subject);
  finding.data.set("reason", answer.reason);
  finding.evidence = answer.evidence;
  report.findings.push_back(std::move(finding));
}

}  // namespace maildiag::checks::whois
