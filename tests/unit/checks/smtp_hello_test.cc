#include <memory>

#include <doctest/doctest.h>

#include "checks/smtp.h"
#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"
#include "support/smtp_talks.h"

using namespace maildiag;
using checks::SmtpReport;
using checks::SmtpState;

namespace {

SmtpReport check(const net::SmtpTalk& talk) {
  test::FakeNetwork network;
  network.on_talk = [&](const net::SmtpRequest&) { return talk; };
  checks::SmtpQuestion asked;
  asked.address = *IpAddress::parse("203.0.113.7");
  asked.now = *from_rfc3339("2026-11-22T12:00:00Z");
  const std::function<Task<SmtpReport>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_smtp(context, asked);
  };
  return test::run_check<SmtpReport>(std::make_shared<test::MemoryBackend>(), run, &network);
}

}  // namespace

TEST_CASE("a server that refuses EHLO within TLS is not ready for mail in there") {
  for (const int code : {421, 554}) {
    auto talk = test::plain_talk();
    talk.ehlo.lines.emplace_back("STARTTLS");
    talk.starttls = test::smtp_reply(220, {"go ahead"});
    talk.tls = net::TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", {}, 0, ""};
    talk.ehlo_again = test::smtp_reply(250, {"mail.example.com"});
    CHECK(check(talk).state == SmtpState::ready);
    talk.ehlo_again = test::smtp_reply(code, {"5.7.1 not you"});
    const auto report = check(talk);
    CHECK(report.state == SmtpState::no_ehlo);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].id == "smtp.ehlo-refused");
    CHECK(report.findings[0].data["reply"].as_string() == std::to_string(code) + " 5.7.1 not you");
    CHECK(test::text_fault(report.findings[0]).empty());
  }
}
