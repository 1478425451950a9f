#include <algorithm>
#include <optional>
#include <utility>

#include "checks/smtp_finding.h"
#include "core/text.h"

namespace maildiag::checks::smtp {

namespace {

/// A name under which others could find the host: two labels, and not of a private world.
std::optional<DomainName> full_name(const std::string& text) {
  auto name = DomainName::from_user(text);
  if (!name || name->label_count() < 2) return std::nullopt;
  const auto last = text::ascii_lower(name->labels().back());
  if (last == "local" || last == "localdomain" || last == "localhost") return std::nullopt;
  return name;
}

enum class Forward { here, elsewhere, unanswered };

Task<Forward> look_up(Context context, DomainName name, IpAddress address,
                      std::vector<Evidence>& evidence) {
  const auto type = address.is_v4() ? dns::RecordType::a : dns::RecordType::aaaa;
  const auto answer = co_await context.resolver.query(name, type);
  evidence.push_back(dns::to_evidence(answer));
  if (!answer.definite()) co_return Forward::unanswered;
  for (const auto& record : answer.records) {
    const auto* found = std::get_if<IpAddress>(&record.data);
    if (found != nullptr && *found == address) co_return Forward::here;
  }
  co_return Forward::elsewhere;
}

Finding about(std::string_view id, Severity severity, const SmtpReport& report) {
  auto finding = make(id, severity, report);
  Value names = Value::array();
  if (report.reverse) {
    for (const auto& name : report.reverse->names) names.push(name.to_string());
  }
  finding.data.set("name", report.banner_name);
  finding.data.set("ehlo_name", report.implicit_tls() ? report.secured.name : report.clear.name);
  finding.data.set("ptr", std::move(names));
  return finding;
}

/// Nothing where DNS did not answer: nothing is known then.
std::optional<Finding> reverse_finding(const SmtpReport& report) {
  const auto& reverse = *report.reverse;
  if (reverse.fcrdns == Fcrdns::pass || reverse.fcrdns == Fcrdns::temperror) return std::nullopt;
  auto finding = about("smtp.no-reverse-name", Severity::warning, report);
  for (const auto& each : reverse.findings)
    finding.evidence.insert(finding.evidence.end(), each.evidence.begin(), each.evidence.end());
  return finding;
}

/// The name of the greeting against the names of the address.
Task<void> compare(Context context, SmtpReport& report, DomainName name) {
  const auto& reverse = *report.reverse;
  const bool same = std::any_of(reverse.names.begin(), reverse.names.end(),
                                [&name](const DomainName& each) { return each == name; });
  if (same && reverse.fcrdns == Fcrdns::pass) {
    report.findings.push_back(about("smtp.names-agree", Severity::ok, report));
    co_return;
  }
  std::vector<Evidence> evidence;
  const auto forward = co_await look_up(context, name, report.question.address, evidence);
  if (forward == Forward::unanswered || same || reverse.fcrdns == Fcrdns::temperror) co_return;
  auto finding = forward == Forward::here ? about("smtp.banner-not-ptr", Severity::info, report)
                                          : about("smtp.banner-foreign", Severity::warning, report);
  // Without a PTR record the missing one is the finding; the name at least leads here.
  if (forward == Forward::here && reverse.fcrdns == Fcrdns::none) co_return;
  finding.evidence.insert(finding.evidence.end(), evidence.begin(), evidence.end());
  report.findings.push_back(std::move(finding));
}

}  // namespace

Task<void> check_names(Context context, SmtpReport& report) {
  auto reverse = co_await check_ptr(context, report.question.address, std::nullopt);
  report.reverse = std::move(reverse);
  if (auto finding = reverse_finding(report)) report.findings.push_back(std::move(*finding));
  const bool literal = report.banner_name.starts_with('[');
  const auto name = full_name(report.banner_name);
  if (name) {
    co_await compare(context, report, *name);
  } else if (!literal) {
    report.findings.push_back(about("smtp.banner-no-name", Severity::warning, report));
  }
  const auto& said = report.implicit_tls() ? report.secured.name : report.clear.name;
  const auto ehlo = full_name(said);
  if (name && ehlo && *ehlo != *name)
    report.findings.push_back(about("smtp.ehlo-name-differs", Severity::info, report));
}

}  // namespace maildiag::checks::smtp
