#include <iterator>
#include <utility>

#include "checks/certificate.h"
#include "checks/lookup_host.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

/// X509_V_ERR_CERT_HAS_EXPIRED: the finding about the date says it already.
constexpr long verify_expired = 10;

class HttpJudge {
 public:
  HttpJudge(HostTarget target, net::HttpReply reply)
      : target_(std::move(target)), reply_(std::move(reply)) {}

  LookupReport run() {
    set_result();
    judge_answer();
    judge_tls();
    return std::move(report_);
  }

 private:
  Finding& add(const char* id, Severity severity) {
    Finding& finding = add_lookup_finding(report_, id, severity, target_);
    finding.data.set("url", target_.url).set("status", reply_.status);
    return finding;
  }

  void set_time(const char* key, std::chrono::microseconds time) {
    report_.result.set(key, time.count() > 0 ? Value(milliseconds(time)) : Value());
  }

  void set_result() {
    auto& result = report_.result;
    result = Value::object(
        {{"type", target_.url.starts_with("https:") ? "https" : "http"},
         {"url", target_.url},
         {"host", target_.host},
         {"status", reply_.status == 0 ? Value() : Value(reply_.status)},
         {"location", text::sanitize(reply_.location)},
         {"content_type", text::sanitize(reply_.content_type)},
         {"server", text::sanitize(reply_.server)},
         {"strict_transport_security", text::sanitize(reply_.strict_transport_security)},
         {"retry_after", text::sanitize(reply_.retry_after)}});
    set_fault(result, reply_.fault, reply_.reason);
    result.set("address", reply_.status != 0 ? Value(reply_.address.to_string()) : Value());
    set_time("connect_ms", reply_.connect);
    set_time("handshake_ms", reply_.handshake);
    set_time("first_octet_ms", reply_.first_octet);
    set_time("total_ms", reply_.total);
  }

  void judge_answer() {
    const auto status = reply_.status;
    if (status == 0) return judge_fault();
    if (status >= 500) {
      add("lookup.http-server-error", Severity::critical);
    } else if (status >= 400) {
      add("lookup.http-client-error", Severity::warning);
    } else if (status >= 300 && !reply_.location.empty()) {
      add("lookup.http-redirect", Severity::info)
          .data.set("location", text::sanitize(reply_.location));
    } else {
      add("lookup.http-answered", Severity::ok);
    }
  }

  void judge_fault() {
    using net::Fault;
    // Whoever hangs up without a word was reached; a firewall on the way can do it as well.
    const bool closed = reply_.fault == Fault::closed;
    const bool silent = reply_.fault == Fault::timeout || reply_.fault == Fault::unreachable ||
                        reply_.fault == Fault::none;
    Finding& finding = was_not_tried(reply_.fault) ? add("lookup.not-tried", Severity::unknown)
                       : closed                    ? add("lookup.http-closed", Severity::unknown)
                       : silent                    ? add("lookup.http-unknown", Severity::unknown)
                                                   : add("lookup.http-failed", Severity::critical);
    set_fault(finding.data, reply_.fault, reply_.reason);
  }

  bool name_matches(const Certificate& certificate) const {
    return target_.name ? certificate.matches(*target_.name)
                        : certificate.matches(*target_.address);
  }

  void judge_tls() {
    if (!reply_.tls || reply_.tls->chain.empty()) return;
    const auto certificate = Certificate::from_der(reply_.tls->chain.front());
    const auto now = std::chrono::system_clock::now();
    const auto verified = reply_.tls->verify_result;
    const auto trusted = verified == net::not_verified ? Value() : Value(verified == 0);
    auto tls = Value::object({{"version", text::sanitize(reply_.tls->version)},
                              {"cipher", text::sanitize(reply_.tls->cipher)},
                              {"trusted", trusted},
                              {"reason", text::sanitize(reply_.tls->verify_text)}});
    if (certificate) {
      tls.set("name_matches", name_matches(*certificate));
      tls.set("certificate", certificate->to_value(now));
      judge_certificate(*certificate, now);
    }
    report_.result.set("tls", std::move(tls));
  }

  Finding& add_certificate(const char* id, Severity severity, const Certificate& certificate,
                           WallTime now) {
    Finding& finding = add(id, severity);
    const auto& names = certificate.dns_names;
    Value shown = Value::array();
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 10); ++i) shown.push(names[i]);
    finding.data.set("days", certificate.days_left(now))
        .set("not_after", to_rfc3339(certificate.not_after))
        .set("issuer", certificate.issuer)
        .set("names", std::move(shown))
        .set("reason", text::sanitize(reply_.tls->verify_text));
    return finding;
  }

  void judge_certificate(const Certificate& certificate, WallTime now) {
    const auto before = report_.findings.size();
    const auto expiry = expiry_of(certificate, now, {});
    if (expiry == Expiry::expired)
      add_certificate("lookup.certificate-expired", Severity::critical, certificate, now);
    if (expiry == Expiry::soon || expiry == Expiry::imminent)
      add_certificate("lookup.certificate-expiring",
                      expiry == Expiry::soon ? Severity::warning : Severity::critical, certificate,
                      now);
    const long verified = reply_.tls->verify_result;
    const bool said = verified == verify_expired && expiry == Expiry::expired;
    if (verified == net::not_verified)
      add_certificate("lookup.certificate-unverified", Severity::unknown, certificate, now);
    else if (verified != 0 && !said)
      add_certificate("lookup.certificate-untrusted", Severity::critical, certificate, now);
    if (!name_matches(certificate))
      add_certificate("lookup.certificate-name", Severity::critical, certificate, now);
    if (report_.findings.size() == before)
      add_certificate("lookup.certificate-good", Severity::ok, certificate, now);
  }

  HostTarget target_;
  net::HttpReply reply_;
  LookupReport report_;
};

}  // namespace

Task<LookupReport> look_up_http(Context context, HostTarget target) {
  LookupReport report;
  const auto found = co_await find_host_addresses(context, target, report);
  if (found.addresses.empty()) {
    HttpJudge none(target, {});
    auto findings = std::move(report.findings);
    report = none.run();
    report.findings = std::move(findings);
    co_return report;
  }
  net::HttpReply reply;
  reply.fault = net::Fault::offline;
  if (context.network != nullptr) {
    net::HttpRequest request;
    request.url = target.url;
    request.plain = target.url.starts_with("http:");
    request.verify = false;  // what is wrong with the certificate is for us to say
    request.addresses = found.addresses;
    reply = co_await context.network->fetch(std::move(request));
  }
  HttpJudge judge(std::move(target), std::move(reply));
  auto judged = judge.run();
  auto& findings = judged.findings;
  findings.insert(findings.begin(), std::make_move_iterator(report.findings.begin()),
                  std::make_move_iterator(report.findings.end()));
  add_evidence(found, judged);
  co_return judged;
}

}  // namespace maildiag::checks
