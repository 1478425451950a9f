#include "checks/tls_domain_finding.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "checks/smtp_reply.h"

namespace maildiag::checks::tls {

namespace {

// X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
constexpr long chain_not_yet_valid = 9;
constexpr long chain_expired = 10;

/// RFC 8996: deprecated, and switched off in today's senders.
bool is_old(std::string_view version) {
  constexpr std::array<std::string_view, 5> old{"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"};
  return std::find(old.begin(), old.end(), version) != old.end();
}

Finding make(std::string_view id, Severity severity, const TlsReport& report) {
  Finding finding;
  finding.id = std::string(id);
  finding.severity = severity;
  finding.subject = report.question.domain.to_string();
  finding.data.set("domain", finding.subject);
  finding.data.set("outcome", report.route.outcome);
  finding.evidence.push_back(report.route.evidence);
  return finding;
}

/// data {domain, server, host, ip, reason, version, cipher}; the server's replies as evidence.
Finding make(std::string_view id, Severity severity, const TlsReport& report,
             const TlsServer& server) {
  auto finding = make(id, severity, report);
  finding.subject = server.text();
  finding.data.set("server", finding.subject);
  finding.data.set("host", server.host.to_string());
  finding.data.set("ip", server.address.to_string());
  finding.data.set("reason", server.reason);
  finding.evidence.clear();
  for (const auto* reply : {&server.talk.greeting, &server.talk.ehlo, &server.talk.starttls}) {
    if (reply->came())
      finding.evidence.push_back({Value::object({{"kind", "smtp"}, {"text", reply_text(*reply)}})});
  }
  if (server.talk.tls) {
    finding.data.set("version", server.talk.tls->version);
    finding.data.set("cipher", server.talk.tls->cipher);
  }
  return finding;
}

Finding make_certificate(std::string_view id, Severity severity, const TlsReport& report,
                         const TlsServer& server) {
  auto finding = make(id, severity, report, server);
  const auto& certificate = server.chain.front();
  const auto value = certificate.to_value(report.question.now);
  finding.data.set("subject", certificate.subject);
  finding.data.set("issuer", certificate.issuer);
  finding.data.set("names", value["names"]);
  finding.data.set("not_before", value["not_before"]);
  finding.data.set("not_after", value["not_after"]);
  finding.data.set("days", value["days_left"]);
  finding.data.set("reason", server.talk.tls->verify_text);
  return finding;
}

/// How much a certificate that no public authority vouches for matters.
Severity certificate_severity(const TlsReport& report, const TlsServer& server) {
  if (report.mta_sts.enforced(server.host)) return Severity::critical;
  const bool tested = report.mta_sts.mode() == mta_sts::Mode::testing;
  const bool dane =
      report.dane.demanded(server.host) && report.dane.holds(server.host, server.address);
  return dane && !tested ? Severity::info : Severity::warning;
}

/// True: the dates are in order.
bool add_dates(const TlsReport& report, const TlsServer& server, std::vector<Finding>& findings) {
  const auto severity = certificate_severity(report, server);
  std::string_view id = "tls.certificate-expires-soon";
  switch (expiry_of(server.chain.front(), report.question.now, ExpiryLimits{})) {
    case Expiry::good:
      return true;
    case Expiry::expired:
      id = "tls.certificate-expired";
      break;
    case Expiry::not_yet_valid:
      id = "tls.certificate-not-yet-valid";
      break;
    case Expiry::imminent:
      break;
    case Expiry::soon:
      findings.push_back(make_certificate(
          id, severity == Severity::info ? Severity::info : Severity::warning, report, server));
      return false;
  }
  findings.push_back(make_certificate(id, severity, report, server));
  return false;
}

/// The own dates are said by themselves.
bool is_about_own_dates(const TlsServer& server, WallTime now) {
  const long result = server.talk.tls->verify_result;
  return (result == chain_expired && now >= server.chain.front().not_after) ||
         (result == chain_not_yet_valid && now < server.chain.front().not_before);
}

void add_certificate(const TlsReport& report, const TlsServer& server,
                     std::vector<Finding>& findings) {
  if (server.chain.empty()) {
    findings.push_back(make("tls.certificate-unreadable", Severity::unknown, report, server));
    return;
  }
  const auto severity = certificate_severity(report, server);
  bool good = add_dates(report, server, findings);
  if (server.unverified()) {
    good = false;
    findings.push_back(
        make_certificate("tls.certificate-unverified", Severity::unknown, report, server));
  } else if (!server.trusted() && !is_about_own_dates(server, report.question.now)) {
    good = false;
    findings.push_back(make_certificate("tls.certificate-untrusted", severity, report, server));
  }
  if (!server.chain.front().matches(server.host)) {
    good = false;
    findings.push_back(make_certificate("tls.certificate-name", severity, report, server));
  }
  if (good)
    findings.push_back(make_certificate("tls.certificate-ok", Severity::ok, report, server));
}

bool has_unanswered_dane(const TlsReport& report) {
  const auto& dane = report.dane;
  const bool unjudged = dane.any_records() && dane.validator != Validator::local &&
                        dane.validator != Validator::remote;
  return unjudged || std::any_of(dane.hosts.begin(), dane.hosts.end(), [](const DaneHost& host) {
           return host.has_address && !host.answer.definite();
         });
}

/// Neither policy is in force, and nothing that is unknown could change that.
bool is_unprotected(const TlsReport& report) {
  if (report.route.hosts.empty() || has_unanswered_dane(report)) return false;
  const auto& sts = report.mta_sts;
  const auto mode = sts.mode();
  if (mode && *mode != mta_sts::Mode::none) return false;
  if (!sts.found.answer.definite() || (!sts.found.records.empty() && sts.fetch.unknown()))
    return false;
  return std::none_of(report.dane.hosts.begin(), report.dane.hosts.end(), [&](const auto& host) {
    return report.dane.demanded(host.name) && host.has_usable();
  });
}

bool is_anything_untried(const TlsReport& report) {
  return (!report.mta_sts.found.records.empty() && report.mta_sts.fetch.untried()) ||
         std::any_of(report.servers.begin(), report.servers.end(),
                     [](const TlsServer& server) { return server.state == TlsState::untried; });
}

void add_route(const TlsReport& report, std::vector<Finding>& findings) {
  const auto add = [&](std::string_view id, Severity severity) {
    findings.push_back(make(id, severity, report));
  };
  switch (report.route.state) {
    case MailRoute::unknown:
      return add("tls.mx-unknown", Severity::unknown);
    case MailRoute::nxdomain:
      return add("tls.nxdomain", Severity::critical);
    case MailRoute::none:
      return add("tls.no-mail-host", Severity::critical);
    case MailRoute::null_mx:
      return add("tls.null-mx", Severity::info);
    case MailRoute::implicit:
    case MailRoute::explicit_mx:
      break;
  }
  std::size_t addresses = 0;
  for (const auto& host : report.route.hosts) {
    addresses += host.addresses.size();
    if (!host.unknown) continue;
    auto finding = make("tls.host-unknown", Severity::unknown, report);
    finding.subject = host.name.to_string();
    finding.data.set("host", finding.subject);
    finding.data.set("outcome", host.outcome);
    finding.evidence = host.evidence;
    findings.push_back(std::move(finding));
  }
  if (addresses <= max_tls_servers) return;
  auto finding = make("tls.more-servers", Severity::info, report);
  finding.data.set("count", addresses);
  finding.data.set("limit", max_tls_servers);
  findings.push_back(std::move(finding));
}

}  // namespace

void add_domain(const TlsReport& report, std::vector<Finding>& findings) {
  add_route(report, findings);
  if (is_anything_untried(report))
    findings.push_back(make("tls.not-looked-at", Severity::info, report));
  if (is_unprotected(report))
    findings.push_back(make("tls.unprotected", Severity::warning, report));
}

void add_server(const TlsReport& report, const TlsServer& server, std::vector<Finding>& findings) {
  const auto demanded =
      report.mta_sts.enforced(server.host) ? Severity::critical : Severity::warning;
  const auto add = [&](std::string_view id, Severity severity) {
    findings.push_back(make(id, severity, report, server));
  };
  switch (server.state) {
    case TlsState::untried:
      return;
    case TlsState::unknown:
      return add(net::is_own(server.talk.fault) ? "tls.not-equipped" : "tls.server-unknown",
                 Severity::unknown);
    case TlsState::no_starttls:
      return add("tls.no-starttls", demanded);
    case TlsState::refused:
      return add("tls.starttls-refused", demanded);
    case TlsState::failed:
      return add("tls.handshake-failed", Severity::critical);
    case TlsState::secured:
      break;
  }
  if (is_old(server.talk.tls->version)) add("tls.old-version", Severity::warning);
  add_certificate(report, server, findings);
}

}  // namespace maildiag::checks::tls
