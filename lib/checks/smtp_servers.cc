#include "checks/smtp_servers.h"

#include <string>
#include <utility>

#include "checks/exchangers.h"
#include "checks/mx.h"

namespace maildiag::checks {

namespace {

Finding make(std::string_view id, Severity severity, const DomainName& host) {
  Finding finding;
  finding.id = std::string(id);
  finding.severity = severity;
  finding.subject = host.to_string();
  finding.data.set("host", finding.subject);
  return finding;
}

/// A host whose lookup failed in part may have servers that nobody sees.
void add_unanswered(const DomainName& host, std::string_view outcome,
                    std::vector<Evidence> evidence, std::vector<Finding>& findings) {
  auto finding = make("smtp.host-unknown", Severity::unknown, host);
  finding.data.set("outcome", outcome);
  finding.evidence = std::move(evidence);
  findings.push_back(std::move(finding));
}

void cut(const DomainName& name, SmtpServers& found) {
  if (found.servers.size() <= max_servers) return;
  auto finding = make("smtp.more-servers", Severity::info, name);
  finding.data.set("count", found.servers.size()).set("limit", max_servers);
  found.servers.resize(max_servers);
  found.findings.push_back(std::move(finding));
}

}  // namespace

Task<SmtpServers> find_servers(Context context, DomainName domain) {
  SmtpServers found;
  const auto exchangers = co_await find_exchangers(context, domain);
  for (const auto& host : exchangers.hosts) {
    for (const auto& address : host.addresses)
      found.servers.push_back({host.name, address.unmapped()});
  }
  if (found.servers.empty()) {
    auto result = co_await check_mail_domain(context, domain, "recipient-domain");
    found.findings = std::move(result.findings);
    co_return found;
  }
  for (const auto& host : exchangers.hosts) {
    if (host.unknown) add_unanswered(host.name, host.outcome, host.evidence, found.findings);
  }
  cut(domain, found);
  co_return found;
}

Task<SmtpServers> find_host(Context context, DomainName host) {
  SmtpServers found;
  std::vector<Evidence> evidence;
  std::string unanswered;
  for (const auto type : {dns::RecordType::a, dns::RecordType::aaaa}) {
    const auto answer = co_await context.resolver.query(host, type);
    evidence.push_back(dns::to_evidence(answer));
    if (!answer.definite()) unanswered = dns::to_string(answer.outcome);
    for (const auto& record : answer.records) {
      if (const auto* ip = std::get_if<IpAddress>(&record.data))
        found.servers.push_back({host, ip->unmapped()});
    }
  }
  if (!unanswered.empty()) {
    add_unanswered(host, unanswered, std::move(evidence), found.findings);
  } else if (found.servers.empty()) {
    auto finding = make("smtp.host-unresolvable", Severity::critical, host);
    finding.evidence = std::move(evidence);
    found.findings.push_back(std::move(finding));
  }
  cut(host, found);
  co_return found;
}

}  // namespace maildiag::checks
