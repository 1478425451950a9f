#include "session/watch_servers.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "checks/smtp.h"
#include "checks/smtp_servers.h"
#include "session/watch_observe.h"

namespace maildiag::session {

namespace {

/// Servers of one target that are asked at once.
constexpr std::size_t parallel_servers = 8;

bool is_about_tls(const Finding& finding) {
  const std::string_view id = finding.id;
  return id.find("certificate") != std::string_view::npos || id == "smtp.tls" ||
         id == "smtp.old-tls" || id == "smtp.handshake-failed" || id == "smtp.no-starttls" ||
         id == "smtp.starttls-refused";
}

/// Unknown for a day is worth a word: the server may be gone.
watch::Observation of_server(const std::string& target, const char* check,
                             const std::string& subject, std::string value,
                             const std::vector<Finding>& findings) {
  auto seen = observation_of({target, check, subject}, std::move(value), findings);
  seen.overdue = unanswered();
  return seen;
}

/// Whether the conversation came to where everything else that `check` looks at shows.
bool came_through(const checks::SmtpReport& report, std::string_view check) {
  return check == "tls" ? report.certificate.has_value() : report.state == checks::SmtpState::ready;
}

/// Whether there is any server at all; of hosts that could not be looked up where others could.
std::vector<Finding> about_domain(const checks::SmtpServers& found) {
  auto findings = found.findings;
  for (auto& finding : findings)
    if (finding.severity == Severity::unknown) finding.data.set("partial", !found.servers.empty());
  return findings;
}

void add_report(const std::string& target, const ServerParts& parts,
                const checks::SmtpReport& report, ServerSights& sights) {
  const auto subject = checks::server_text(report.question);
  std::vector<Finding> about_tls, other;
  for (const auto& finding : report.findings)
    (is_about_tls(finding) ? about_tls : other).push_back(finding);
  if (parts.smtp) {
    const auto state = std::string(checks::to_string(report.state));
    auto seen = of_server(target, "smtp", subject, state, other);
    if (!came_through(report, "smtp")) seen.parts->hidden.emplace_back();
    sights.observations.push_back(std::move(seen));
    std::move(other.begin(), other.end(), std::back_inserter(sights.findings));
  }
  if (!parts.tls) return;
  auto seen = of_server(target, "tls", subject, "", about_tls);
  if (!came_through(report, "tls")) seen.parts->hidden.emplace_back();
  // Of a server that did not let us in, nothing is known of its certificate.
  if (about_tls.empty()) {
    seen.known = false;
    seen.detail = pack_finding(report.findings.front());
    if (!parts.smtp) sights.findings.push_back(report.findings.front());
  }
  sights.observations.push_back(std::move(seen));
  std::move(about_tls.begin(), about_tls.end(), std::back_inserter(sights.findings));
}

}  // namespace

Task<ServerSights> look_at_servers(Session::Impl& impl, Target target, ServerParts parts) {
  ServerSights sights;
  const auto name = text_of(target);
  std::vector<checks::SmtpQuestion> questions;
  checks::SmtpQuestion pattern;
  pattern.now = std::chrono::system_clock::now();
  if (const auto* domain = std::get_if<DomainName>(&target)) {
    const auto wanted = *domain;
    auto found = co_await checks::find_servers(impl.context(), wanted);
    for (const auto& server : found.servers) {
      pattern.host = server.host;
      pattern.address = server.address;
      questions.push_back(pattern);
    }
    const auto* check = parts.smtp ? "smtp" : "tls";  // one says it for both
    sights.observations.push_back(of_server(name, check, "", "", about_domain(found)));
    sights.all =
        std::none_of(found.findings.begin(), found.findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::unknown; });
    sights.findings = std::move(found.findings);
  } else {
    pattern.address = std::get<IpAddress>(target);
    questions.push_back(pattern);
  }
  std::vector<checks::SmtpReport> reports(questions.size());
  const auto one = [&](std::size_t index) -> Task<void> {
    auto report = co_await checks::check_smtp(impl.context(), questions[index]);
    reports[index] = std::move(report);
  };
  co_await for_each_index(questions.size(), parallel_servers, one);
  for (const auto& report : reports) add_report(name, parts, report, sights);
  co_return sights;
}

}  // namespace maildiag::session
