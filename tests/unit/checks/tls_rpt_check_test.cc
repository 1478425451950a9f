#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "checks/tls_rpt.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

using namespace test;

constexpr std::string_view place = "_smtp._tls.example.com";

TlsRptReport check(const std::shared_ptr<MemoryBackend>& backend, bool needed = false) {
  auto report = run_check<TlsRptReport>(backend, [needed](Context context) {
    return check_tls_rpt(context, raw_name("example.com"), needed);
  });
  for (const auto& finding : report.findings) CHECK(text_fault(finding) == "");
  return report;
}

TEST_CASE("a TLS-RPT record and where it reports to") {
  const auto backend = std::make_shared<MemoryBackend>();
  backend->add(raw_name(place), dns::RecordType::txt,
               dns::TxtData{{"v=TLSRPTv1; rua=mailto:", "a@example.com"}});
  backend->add(place, "something else");
  const auto report = check(backend);
  CHECK(report.findings.size() == 1);
  const auto& finding = get(report.findings, "tls-rpt.record");
  CHECK(finding.severity == Severity::ok);
  CHECK(finding.data["rua"].to_text() == "mailto:a@example.com");
  CHECK(report.to_value()["rua"].as_array().size() == 1);
  CHECK(report.to_value()["record"].as_string() == "v=TLSRPTv1; rua=mailto:a@example.com");
}

TEST_CASE("no TLS-RPT record matters where there is something to report") {
  const auto backend = std::make_shared<MemoryBackend>();
  CHECK(get(check(backend).findings, "tls-rpt.missing").severity == Severity::info);
  CHECK(get(check(backend, true).findings, "tls-rpt.missing").severity == Severity::warning);
  CHECK(check(backend).to_value()["record"].is_null());
}

TEST_CASE("two TLS-RPT records count as none") {
  const auto backend = std::make_shared<MemoryBackend>();
  backend->add(place, "v=TLSRPTv1; rua=mailto:a@example.com");
  backend->add(place, "v=TLSRPTv1; rua=mailto:b@example.com");
  const auto report = check(backend);
  CHECK(report.findings.size() == 1);
  CHECK(get(report.findings, "tls-rpt.several-records").data["count"] == Value(2));
  CHECK(report.to_value()["record"].is_null());
}

TEST_CASE("an unanswered question about TLS-RPT is no verdict") {
  const auto backend = std::make_shared<MemoryBackend>();
  backend->fail(place, dns::Outcome::servfail);
  const auto report = check(backend, true);
  CHECK(report.findings.size() == 1);
  CHECK(get(report.findings, "tls-rpt.unanswered").severity == Severity::unknown);
}

TEST_CASE("a broken TLS-RPT record says where, and octets of strangers stay visible text") {
  const auto backend = std::make_shared<MemoryBackend>();
  backend->add(place, "v=tlsrptv1; rua=mailto:a@example.com\x1b[2J");
  backend->add(place, "v=TLSRPTv1; rua=mailto:a@example.com; x=\x1b");
  const auto report = check(backend);
  CHECK(report.findings.size() == 2);
  CHECK(get(report.findings, "tls-rpt.not-a-record").data["text"].as_string() ==
        "v=tlsrptv1; rua=mailto:a@example.com\\x1b[2J");
  CHECK(get(report.findings, "tls-rpt.syntax").data["text"].as_string() == "x=\\x1b");
}

}  // namespace
}  // namespace maildiag::checks
