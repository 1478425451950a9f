#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "checks/smtp_finding.h"

namespace maildiag::checks::smtp {

namespace {

// X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
constexpr long chain_not_yet_valid = 9;
constexpr long chain_expired = 10;

/// BSI TR-02102-2, NIST SP 800-131A: less has been advised against since 2014.
constexpr int least_rsa_bits = 2048;

/// RFC 8996: deprecated, and switched off in today's senders.
bool is_old(std::string_view version) {
  constexpr std::array<std::string_view, 5> old{"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"};
  return std::find(old.begin(), old.end(), version) != old.end();
}

Finding about(std::string_view id, Severity severity, const SmtpReport& report) {
  auto finding = make(id, severity, report);
  const auto& certificate = *report.certificate;
  finding.data.set("subject", certificate.subject);
  finding.data.set("issuer", certificate.issuer);
  finding.data.set("not_before", to_rfc3339(certificate.not_before));
  finding.data.set("not_after", to_rfc3339(certificate.not_after));
  finding.data.set("days", certificate.days_left(report.question.now));
  finding.data.set("names", certificate.to_value(report.question.now)["names"]);
  finding.data.set("reason", report.talk.tls->verify_text);
  return finding;
}

/// True: the dates are in order.
bool add_dates(const SmtpReport& report, std::vector<Finding>& findings) {
  switch (expiry_of(*report.certificate, report.question.now, report.question.limits)) {
    case Expiry::expired:
      findings.push_back(about("smtp.certificate-expired", Severity::critical, report));
      return false;
    case Expiry::not_yet_valid:
      findings.push_back(about("smtp.certificate-not-yet-valid", Severity::critical, report));
      return false;
    case Expiry::imminent:
      findings.push_back(about("smtp.certificate-expires-soon", Severity::critical, report));
      return false;
    case Expiry::soon:
      findings.push_back(about("smtp.certificate-expires-soon", Severity::warning, report));
      return false;
    case Expiry::good:
      break;
  }
  return true;
}

/// True: it leads to a trusted one. What the dates have already said is not said again.
bool add_trust(const SmtpReport& report, std::vector<Finding>& findings) {
  const long result = report.talk.tls->verify_result;
  if (result == 0) return true;
  const auto& certificate = *report.certificate;
  const auto now = report.question.now;
  const bool own_dates = (result == chain_expired && now >= certificate.not_after) ||
                         (result == chain_not_yet_valid && now < certificate.not_before);
  if (own_dates) return true;
  if (certificate.self_signed) {
    findings.push_back(about("smtp.certificate-self-signed", Severity::warning, report));
  } else if (result == net::not_verified) {
    findings.push_back(about("smtp.certificate-unverified", Severity::unknown, report));
    findings.back().data.set("partial", true);
  } else {
    findings.push_back(about("smtp.certificate-untrusted", Severity::warning, report));
  }
  return false;
}

void add_certificate(const SmtpReport& report, std::vector<Finding>& findings) {
  if (!report.certificate) {
    findings.push_back(make("smtp.certificate-unreadable", Severity::unknown, report));
    return;
  }
  bool good = add_dates(report, findings);
  good = add_trust(report, findings) && good;
  if (report.name_matches == false) {
    good = false;
    findings.push_back(about("smtp.certificate-name", Severity::warning, report));
  }
  const auto& certificate = *report.certificate;
  if (certificate.key_type.starts_with("rsa") && certificate.key_bits < least_rsa_bits) {
    auto finding = about("smtp.certificate-weak-key", Severity::warning, report);
    finding.data.set("bits", certificate.key_bits);
    findings.push_back(std::move(finding));
  }
  if (good) findings.push_back(about("smtp.certificate-ok", Severity::ok, report));
}

}  // namespace

void add_tls(const SmtpReport& report, std::vector<Finding>& findings) {
  const auto& talk = report.talk;
  if (!talk.tls) {
    if (talk.stage != net::SmtpStage::handshake || talk.fault == net::Fault::none) return;
    auto finding = make("smtp.handshake-failed", Severity::critical, report);
    finding.data.set("reason", talk.reason);
    findings.push_back(std::move(finding));
    return;
  }
  const bool old = is_old(talk.tls->version);
  auto finding = old ? make("smtp.old-tls", Severity::warning, report)
                     : make("smtp.tls", Severity::ok, report);
  finding.data.set("version", talk.tls->version).set("cipher", talk.tls->cipher);
  findings.push_back(std::move(finding));
  add_certificate(report, findings);
}

}  // namespace maildiag::checks::smtp
