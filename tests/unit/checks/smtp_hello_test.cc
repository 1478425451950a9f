#include <memory>
#include <optional>
#include <utility>

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

SmtpReport check(const net::SmtpTalk& talk,
                 std::optional<net::RelayQuestion> relay = std::nullopt) {
  test::FakeNetwork network;
  network.on_talk = [&](const net::SmtpRequest&) { return talk; };
  checks::SmtpQuestion asked;
  asked.address = *IpAddress::parse("203.0.113.7");
  asked.relay = std::move(relay);
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

TEST_CASE("a greeting of two codes is neither ready nor a refusal, nor another protocol") {
  auto talk = test::failed_talk(net::SmtpStage::greeting, net::Fault::protocol, "replies differ");
  talk.greeting.lines = {"no service", "mail.example.com"};
  const auto report = check(talk);
  CHECK(report.state == SmtpState::broken_off);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].id == "smtp.broken-off");
  CHECK(report.findings[0].severity == Severity::unknown);
}

TEST_CASE("of a reply to RCPT with two codes the reason is told, not what MAIL was answered") {
  auto talk = test::plain_talk();
  talk.mail = test::smtp_reply(250, {"2.1.0 Ok"});
  talk.rcpt.lines = {"Relay access denied", "Ok"};
  talk.stage = net::SmtpStage::relay;
  talk.fault = net::Fault::protocol;
  talk.reason = "replies differ";
  const auto report = check(talk, net::RelayQuestion{"a@example.net", "b@example.org"});
  CHECK(report.findings.back().id == "smtp.relay-undecided");
  CHECK(report.findings.back().data["reply"].to_text() == "replies differ");
}

TEST_CASE("relaying is refused by words about relaying, not by any refusal") {
  const auto refused = [](int code, const char* words) {
    auto talk = test::plain_talk();
    talk.mail = test::smtp_reply(250, {"2.1.0 Ok"});
    talk.rcpt = test::smtp_reply(code, {words});
    return check(talk, net::RelayQuestion{"a@example.net", "b@example.org"}).findings.back().id;
  };
  for (const char* words : {"5.7.1 <b@example.org>: Relay access denied", "relay not permitted",
                            "5.7.1 <b@example.org>... Relaying denied"}) {
    CAPTURE(words);
    CHECK(refused(550, words) == "smtp.relay-refused");
  }
  const std::pair<int, const char*> others[] = {
      {554, "5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org"},
      {550, "5.7.25 Client host rejected: cannot find your reverse hostname, [198.51.100.7]"},
      {504, "5.5.2 <box>: Helo command rejected: need fully-qualified hostname"},
      {556,
       "5.1.10 <b@example.org>: Recipient address rejected: Domain example.org does not accept "
       "mail (nullMX)"},
      {550, "5.1.1 <b@example.org>: Recipient address rejected: User unknown"},
      {550, "5.7.1 <b@example.org>... no"},
      {550, "5.7.1 Go away, [198.51.100.7]"},
      {554, "5.7.1 차단된 IP입니다. 관리자에게 문의하세요"},
      {503, "5.5.1 Error: need MAIL command"},
      {530, "5.7.0 Must issue a STARTTLS command first"}};
  for (const auto& [code, words] : others) {
    CAPTURE(words);
    CHECK(refused(code, words) == "smtp.relay-undecided");
  }
}

TEST_CASE("what OpenSMTPD says of a stranger's address is about relaying where nobody has one") {
  const auto judged = [](const char* program, const std::string& to, const std::string& words) {
    auto talk = test::plain_talk();
    talk.greeting = test::smtp_reply(220, {std::string("mail.example.com ESMTP ") + program});
    talk.mail = test::smtp_reply(250, {"2.0.0 Ok"});
    talk.rcpt = test::smtp_reply(550, {words});
    return check(talk, net::RelayQuestion{"", to}).findings.back().id;
  };
  const std::string words = "Invalid recipient: <b@example.org>";
  CHECK(judged("OpenSMTPD", "b@example.org", words) == "smtp.relay-refused");
  CHECK(judged("Postfix", "b@example.org", words) == "smtp.relay-undecided");
  CHECK(judged("OpenSMTPD", "c@example.org", words) == "smtp.relay-undecided");
  // Its own domain, for all we know: the mailbox may just not be there.
  CHECK(judged("OpenSMTPD", "b@good.test", "Invalid recipient: <b@good.test>") ==
        "smtp.relay-undecided");
  CHECK(judged("OpenSMTPD", "b@mail.example.org", "Invalid recipient: <b@mail.example.org>") ==
        "smtp.relay-undecided");
  CHECK(judged("OpenSMTPD", "b@example.org", "Invalid recipient") == "smtp.relay-undecided");
}

TEST_CASE("what is wanting on this machine is no fault of the server, which was connected to") {
  for (const auto fault : {net::Fault::trust_store, net::Fault::no_library}) {
    for (const auto stage : {net::SmtpStage::implicit_tls, net::SmtpStage::greeting,
                             net::SmtpStage::handshake, net::SmtpStage::connect}) {
      const bool greeted = stage == net::SmtpStage::handshake;
      auto talk = greeted ? test::plain_talk() : test::failed_talk(stage, fault);
      talk.stage = stage;
      talk.fault = fault;
      talk.reason = "error setting certificate file: /etc/ca.pem";
      const auto report = check(talk);
      REQUIRE(report.findings.size() == 1);
      const bool connected = stage != net::SmtpStage::connect;
      CHECK(report.findings[0].id == (connected ? "smtp.broken-off" : "smtp.untried"));
      CHECK(report.findings[0].severity == Severity::unknown);
      CHECK(report.findings[0].data["reason"].as_string() == talk.reason);
      CHECK(test::text_fault(report.findings[0]).empty());
    }
  }
}
