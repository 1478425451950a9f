#include "checks/smtp.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "support/certificate_maker.h"
#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"
#include "support/smtp_talks.h"

using namespace maildiag;
using namespace std::chrono_literals;
using checks::SmtpReport;
using checks::SmtpState;
using net::Fault;
using net::SmtpStage;
using test::failed_talk;
using test::plain_talk;
using test::smtp_reply;
using test::tls_talk;

namespace {

const auto now = *from_rfc3339("2026-11-22T12:00:00Z");

std::shared_ptr<test::MemoryBackend> world() {
  auto backend = std::make_shared<test::MemoryBackend>();
  backend->add(test::raw_name("7.113.0.203.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("mail.example.com")});
  backend->add_address("mail.example.com", "203.0.113.7");
  backend->add_address("other.example.com", "203.0.113.7");
  return backend;
}

checks::SmtpQuestion question(std::uint16_t port = 25) {
  checks::SmtpQuestion asked;
  asked.address = *IpAddress::parse("203.0.113.7");
  asked.port = port;
  asked.host = *DomainName::parse("mail.example.com");
  asked.now = now;
  return asked;
}

SmtpReport check(const net::SmtpTalk& talk, const checks::SmtpQuestion& asked = question(),
                 std::shared_ptr<test::MemoryBackend> backend = world()) {
  test::FakeNetwork network;
  network.on_talk = [&](const net::SmtpRequest& request) {
    CHECK(request.address == asked.address);
    CHECK(request.port == asked.port);
    CHECK((request.tls == net::SmtpTls::implicit) == (asked.port == 465));
    CHECK(request.timeout > request.greeting_timeout);
    return talk;
  };
  const std::function<Task<SmtpReport>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_smtp(context, asked);
  };
  auto report = test::run_check<SmtpReport>(std::move(backend), run, &network);
  for (const auto& finding : report.findings) CHECK(test::text_fault(finding) == "");
  return report;
}

/// The ids without "smtp.", in order.
std::string ids(const SmtpReport& report) {
  std::string text;
  for (const auto& finding : report.findings)
    text += (text.empty() ? "" : " ") + finding.id.substr(std::string("smtp.").size());
  return text;
}

test::CertificatePlan plan() {
  test::CertificatePlan made;
  made.not_before = now - 80 * 24h;
  made.not_after = now + 80 * 24h;
  return made;
}

net::SmtpTalk with_certificate(const test::CertificatePlan& made, long verify_result = 0) {
  auto talk = tls_talk({test::MadeCertificate(made).der()});
  talk.tls->verify_result = verify_result;
  return talk;
}

}  // namespace

TEST_CASE("a good server is told apart in all that was asked") {
  const auto report = check(with_certificate(plan()));
  CHECK(report.state == SmtpState::ready);
  CHECK(ids(report) == "ready names-agree tls certificate-ok");
  const auto value = report.to_value();
  CHECK(value["address"].to_text() == "203.0.113.7");
  CHECK(value["source"].to_text() == "198.51.100.9");
  CHECK(value["connect_ms"].as_double() == doctest::Approx(1.2));
  CHECK(value["banner_ms"].as_double() == doctest::Approx(20.4));
  CHECK(value["banner"].to_text() == "mail.example.com ESMTP Postfix");
  CHECK(value["banner_name"].to_text() == "mail.example.com");
  CHECK(value["code"].as_integer() == 220);
  CHECK(value["fcrdns"].to_text() == "pass");
  CHECK(value["size"].as_integer() == 10240000);
  CHECK(value["pipelining"].as_bool());
  CHECK(value["8bitmime"].as_bool());
  CHECK_FALSE(value["smtputf8"].as_bool());
  CHECK(value["only_clear"].to_text() == "STARTTLS");
  CHECK(value["only_tls"].to_text() == "AUTH PLAIN LOGIN");
  CHECK(value["auth"].to_text() == "PLAIN, LOGIN");
  CHECK(value["auth_clear"].as_array().empty());
  const auto& tls = value["starttls"];
  CHECK(tls["offered"].as_bool());
  CHECK(tls["accepted"].as_bool());
  CHECK(tls["handshake_ms"].as_double() == doctest::Approx(7.0));
  CHECK(tls["version"].to_text() == "TLSv1.3");
  CHECK(tls["verified"].as_bool());
  CHECK(tls["name_matches"].as_bool());
  CHECK(tls["certificate"]["days_left"].as_integer() == 80);
  CHECK(tls["chain"].as_array().size() == 1);
  CHECK(value["quit"].as_bool());
  CHECK(value["transcript"].as_array().size() == 2);
  CHECK(value.find("fault") == nullptr);
}

TEST_CASE("who is not let in is told one thing, and unknown is what the server did not say") {
  struct Case {
    SmtpStage stage;
    Fault fault;
    const char* id;
    Severity severity;
    std::uint16_t port = 25;
  };
  const std::vector<Case> cases{
      {SmtpStage::connect, Fault::refused, "smtp.refused", Severity::critical},
      {SmtpStage::connect, Fault::unreachable, "smtp.unreachable", Severity::unknown},
      {SmtpStage::connect, Fault::timeout, "smtp.no-answer", Severity::unknown},
      {SmtpStage::connect, Fault::closed, "smtp.closed", Severity::unknown},
      {SmtpStage::connect, Fault::offline, "smtp.untried", Severity::unknown},
      {SmtpStage::connect, Fault::no_library, "smtp.untried", Severity::unknown},
      {SmtpStage::greeting, Fault::timeout, "smtp.silent", Severity::unknown},
      {SmtpStage::greeting, Fault::closed, "smtp.closed", Severity::unknown},
      {SmtpStage::greeting, Fault::protocol, "smtp.not-smtp", Severity::critical},
      {SmtpStage::greeting, Fault::too_large, "smtp.not-smtp", Severity::critical},
      {SmtpStage::implicit_tls, Fault::handshake, "smtp.no-implicit-tls", Severity::critical, 465},
      {SmtpStage::implicit_tls, Fault::timeout, "smtp.silent", Severity::unknown, 465},
      {SmtpStage::implicit_tls, Fault::closed, "smtp.closed", Severity::unknown, 465},
  };
  for (const auto& each : cases) {
    CAPTURE(each.id);
    const auto report = check(failed_talk(each.stage, each.fault), question(each.port));
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].id == each.id);
    CHECK(report.findings[0].severity == each.severity);
    CHECK(report.to_value()["fault"]["kind"].to_text() == net::to_string(each.fault));
    CHECK_FALSE(report.reverse);
  }
}

TEST_CASE("a time-out that another waited for is told as such, once") {
  for (const auto stage : {SmtpStage::connect, SmtpStage::greeting, SmtpStage::ehlo}) {
    auto talk = stage == SmtpStage::ehlo ? plain_talk() : failed_talk(stage, Fault::timeout);
    talk.stage = stage;
    talk.fault = Fault::timeout;
    talk.repeated = true;
    const auto report = check(talk);
    CHECK((ids(report) == "not-asked-again" && report.findings[0].severity == Severity::unknown));
    CHECK(report.to_value()["fault"]["repeated"].as_bool());
  }
}

TEST_CASE("without a network nothing is known") {
  const std::function<Task<SmtpReport>(checks::Context)> run = [](checks::Context context) {
    return checks::check_smtp(context, question());
  };
  const auto report = test::run_check<SmtpReport>(world(), run);
  CHECK(ids(report) == "untried");
  CHECK(report.findings[0].severity == Severity::unknown);
}

TEST_CASE("the words of a refusal are looked up in the rulebook") {
  auto talk = failed_talk(SmtpStage::greeting, Fault::none);
  talk.greeting =
      smtp_reply(554, {"5.7.1 Service unavailable; Client host [198.51.100.9] blocked using",
                       "5.7.1 zen.spamhaus.org"});
  const auto report = check(talk);
  CHECK(report.state == SmtpState::rejected);
  CHECK(ids(report) == "rejected");
  const auto& finding = report.findings[0];
  CHECK(finding.severity == Severity::critical);
  CHECK(finding.data["cause"].to_text() == "dnsbl-listed");
  CHECK(finding.data["reply"].to_text() ==
        "554 5.7.1 Service unavailable; Client host [198.51.100.9] blocked using zen.spamhaus.org");
  CHECK(finding.data["because"]["en"].to_text() != "");
  CHECK(finding.data["because"]["ko"].to_text() != finding.data["because"]["en"].to_text());
  CHECK(report.to_value()["cause"]["facts"]["list"].to_text() == "zen.spamhaus.org");

  talk.greeting = smtp_reply(421, {"4.7.0 mx.example.com Error: too many connections from you"});
  const auto later = check(talk);
  CHECK(ids(later) == "deferred");
  CHECK(later.findings[0].severity == Severity::warning);
  CHECK(later.findings[0].data["cause"].to_text() == "too-many-connections");

  talk.greeting = smtp_reply(554, {"qwertyuiop"});
  const auto unknown_words = check(talk);
  CHECK(ids(unknown_words) == "rejected");
  CHECK(unknown_words.findings[0].data["reply"].to_text() == "554 qwertyuiop");

  talk = plain_talk();
  talk.ehlo = smtp_reply(550, {"5.7.1 Helo command rejected: Host not found"});
  const auto name = check(talk);
  CHECK(ids(name) == "ehlo-refused");
  CHECK(name.findings[0].data["cause"].to_text() == "helo-invalid");
}

TEST_CASE("a reply code that greets nobody is no SMTP") {
  auto talk = failed_talk(SmtpStage::greeting, Fault::none);
  talk.greeting = smtp_reply(354, {"go on"});
  CHECK(ids(check(talk)) == "not-smtp");
}

TEST_CASE("what breaks off after the greeting is unknown, once") {
  for (const auto stage : {SmtpStage::ehlo, SmtpStage::starttls, SmtpStage::ehlo_again}) {
    auto talk = stage == SmtpStage::ehlo ? plain_talk() : with_certificate(plan());
    talk.stage = stage;
    talk.fault = Fault::timeout;
    talk.reason = "no reply";
    if (stage == SmtpStage::ehlo) talk.ehlo = {};
    const auto report = check(talk);
    CHECK(report.state == SmtpState::broken_off);
    REQUIRE(ids(report) == "broken-off");
    CHECK(report.findings[0].severity == Severity::unknown);
    CHECK(report.findings[0].data["stage"].to_text() == net::to_string(stage));
  }
  auto talk = plain_talk();  // of the end nothing hangs
  talk.fault = Fault::closed;
  CHECK(check(talk).state == SmtpState::ready);
}

TEST_CASE("a slow greeting is told, not counted against the server") {
  auto talk = plain_talk();
  talk.greeted = 6200ms;
  const auto report = check(talk);
  CHECK(test::get(report.findings, "smtp.slow-greeting").severity == Severity::info);
  CHECK(test::get(report.findings, "smtp.slow-greeting").data["seconds"].as_double() ==
        doctest::Approx(6.2));
}

TEST_CASE("a server without STARTTLS, one that refuses it, one that shows passwords") {
  CHECK(ids(check(plain_talk())) == "ready names-agree no-starttls");
  auto refusing = plain_talk();
  refusing.ehlo.lines.emplace_back("STARTTLS");
  refusing.ehlo.lines.emplace_back("AUTH=LOGIN");
  refusing.ehlo.lines.emplace_back("auth plain login");
  refusing.starttls = smtp_reply(454, {"4.7.0 TLS not available due to local problem"});
  const auto report = check(refusing);
  CHECK(ids(report) == "ready names-agree starttls-refused auth-in-clear");
  CHECK(report.findings[3].data["mechanisms"].to_text() == "LOGIN, PLAIN");
  CHECK(report.to_value()["starttls"]["accepted"].is_bool());
  CHECK_FALSE(report.to_value()["starttls"]["accepted"].as_bool());
}

TEST_CASE("a handshake that fails is the server's fault, one that stops is nobody's") {
  auto talk = plain_talk();
  talk.ehlo.lines.emplace_back("STARTTLS");
  talk.starttls = smtp_reply(220, {"go"});
  talk.stage = SmtpStage::handshake;
  talk.fault = Fault::handshake;
  talk.reason = "wrong version number";
  const auto report = check(talk);
  CHECK(ids(report) == "ready names-agree handshake-failed");
  CHECK(report.findings[2].severity == Severity::critical);
  talk.fault = Fault::timeout;
  CHECK(ids(check(talk)) == "broken-off");
}

TEST_CASE("the certificate: dates, trust, name, key; nothing is said twice") {
  auto made = plan();
  const auto tail = [](const SmtpReport& report) {
    return ids(report).substr(std::string("ready names-agree tls ").size());
  };
  made.not_after = now - 24h;
  auto report = check(with_certificate(made, 10));
  CHECK(tail(report) == "certificate-expired");
  CHECK(report.findings[3].severity == Severity::critical);
  CHECK(report.findings[3].data["days"].as_integer() == -1);
  made.not_after = now + 24h * 10;
  report = check(with_certificate(made));
  CHECK(tail(report) == "certificate-expires-soon");
  CHECK(report.findings[3].severity == Severity::warning);
  made.not_after = now + 24h * 2;
  CHECK(check(with_certificate(made)).findings[3].severity == Severity::critical);
  auto asked = question();
  asked.limits = {1, 1};
  CHECK(tail(check(with_certificate(made), asked)) == "certificate-ok");
  made = plan();
  made.not_before = now + 24h;
  CHECK(tail(check(with_certificate(made, 9))) == "certificate-not-yet-valid");
  CHECK(tail(check(with_certificate(plan(), 18))) == "certificate-self-signed");
  // An expired certificate above a good one, and an unknown authority.
  made = plan();
  const test::MadeCertificate issuer(plan());
  auto talk = tls_talk({test::MadeCertificate(made, &issuer).der()});
  talk.tls->verify_result = 20;
  talk.tls->verify_text = "unable to get local issuer certificate";
  made.names = {"DNS:www.example.com"};
  CHECK(tail(check(with_certificate(made))) == "certificate-name");
  made = plan();
  made.rsa_bits = 1024;
  CHECK(tail(check(with_certificate(made))) == "certificate-weak-key certificate-ok");
  CHECK(tail(check(tls_talk({"rubbish"}))) == "certificate-unreadable");
  CHECK(tail(check(tls_talk({}))) == "certificate-unreadable");
}

TEST_CASE("a chain that ends nowhere is not trusted") {
  auto authority = plan();
  authority.common_name = "Unknown Authority";
  const test::MadeCertificate issuer(authority);
  auto talk = tls_talk({test::MadeCertificate(plan(), &issuer).der(), issuer.der()});
  for (const long result : {19L, 20L, 10L}) {  // 10: one above it has expired
    talk.tls->verify_result = result;
    const auto report = check(talk);
    CHECK(ids(report) == "ready names-agree tls certificate-untrusted");
    CHECK(report.to_value()["starttls"]["chain"].as_array().size() == 2);
  }
}

TEST_CASE("without trusted certificates nothing is said about trust") {
  const test::MadeCertificate issuer(plan());
  auto talk = tls_talk({test::MadeCertificate(plan(), &issuer).der()});
  talk.tls->verify_result = net::not_verified;
  const auto report = check(talk);
  CHECK(ids(report) == "ready names-agree tls certificate-unverified");
  CHECK(report.findings[3].severity == Severity::unknown);
  CHECK(report.to_value()["starttls"]["verified"].is_null());
}

TEST_CASE("a server that knows HELO only is a server") {
  auto talk = plain_talk();
  talk.ehlo = smtp_reply(502, {"5.5.1 not implemented"});
  talk.helo = smtp_reply(250, {"mail.example.com"});
  const auto report = check(talk);
  CHECK(ids(report) == "ready names-agree no-starttls");
  CHECK(report.to_value()["ehlo_name"].to_text() == "mail.example.com");
  talk.helo = smtp_reply(550, {"no"});
  CHECK(ids(check(talk)) == "ehlo-refused");
}

TEST_CASE("of a bare address no name is demanded") {
  auto asked = question();
  asked.host.reset();
  const auto report = check(with_certificate(plan()), asked);
  CHECK(ids(report) == "ready names-agree tls certificate-ok");
  CHECK(report.to_value()["starttls"]["name_matches"].is_null());
  CHECK(report.findings[0].subject == "[203.0.113.7]:25");
}

TEST_CASE("old TLS is told") {
  for (const auto* version : {"TLSv1", "TLSv1.1", "SSLv3"}) {
    auto talk = with_certificate(plan());
    talk.tls->version = version;
    CHECK(ids(check(talk)) == "ready names-agree old-tls certificate-ok");
  }
}

TEST_CASE("TLS from the start: the extensions are those inside") {
  auto talk = tls_talk({test::MadeCertificate(plan()).der()});
  talk.ehlo = talk.ehlo_again;
  talk.ehlo_again = {};
  talk.starttls = {};
  const auto report = check(talk, question(465));
  CHECK(ids(report) == "ready names-agree tls certificate-ok");
  const auto value = report.to_value();
  CHECK(value["auth"].to_text() == "PLAIN, LOGIN");
  CHECK(value["auth_clear"].as_array().empty());
  CHECK(value["starttls"]["implicit"].as_bool());
  CHECK(value.find("only_tls") == nullptr);
}

TEST_CASE("the name in the greeting against DNS: a warning at most") {
  auto report = check(plain_talk("other.example.com"));
  CHECK(ids(report) == "ready banner-not-ptr no-starttls");
  CHECK(report.findings[1].severity == Severity::info);
  report = check(plain_talk("elsewhere.example.com"));
  CHECK(ids(report) == "ready banner-foreign no-starttls");
  CHECK(report.findings[1].severity == Severity::warning);
  for (const auto* name : {"localhost", "localhost.localdomain", "***", "ESMTP", "mail.local"})
    CHECK(ids(check(plain_talk(name))) == "ready banner-no-name no-starttls");
  CHECK(ids(check(plain_talk("[203.0.113.7]"))) == "ready no-starttls");
  auto talk = plain_talk();
  talk.ehlo.lines[0] = "filter.example.com at your service";
  CHECK(ids(check(talk)) == "ready names-agree ehlo-name-differs no-starttls");
}

TEST_CASE("what DNS does not answer is no fault of the names") {
  auto backend = world();
  backend->fail("7.113.0.203.in-addr.arpa", dns::Outcome::servfail);
  CHECK(ids(check(plain_talk(), question(), backend)) == "ready no-starttls");
  backend = world();
  backend->fail("elsewhere.example.com", dns::Outcome::timeout);
  CHECK(ids(check(plain_talk("elsewhere.example.com"), question(), backend)) ==
        "ready no-starttls");
  backend = std::make_shared<test::MemoryBackend>();
  backend->add_address("mail.example.com", "203.0.113.7");
  const auto report = check(plain_talk(), question(), backend);
  CHECK(ids(report) == "ready no-reverse-name no-starttls");
  CHECK(report.findings[1].severity == Severity::warning);
}

TEST_CASE("relaying is judged by RCPT alone, and what is not refused is not proved") {
  auto asked = question();
  asked.relay = net::RelayQuestion{"a@example.net", "b@example.org"};
  const auto relay = [&](int mail, int rcpt) {
    auto talk = plain_talk();
    if (mail != 0) talk.mail = smtp_reply(mail, {"mail"});
    if (rcpt != 0) talk.rcpt = smtp_reply(rcpt, {"rcpt"});
    const auto report = check(talk, asked);
    CHECK(report.to_value()["relay"]["to"].to_text() == "b@example.org");
    return report.findings.back().id + " " +
           std::string(to_string(report.findings.back().severity));
  };
  CHECK(relay(250, 250) == "smtp.relay-not-refused critical");
  CHECK(relay(250, 251) == "smtp.relay-not-refused critical");
  CHECK(relay(250, 554) == "smtp.relay-undecided unknown");
  CHECK(relay(250, 450) == "smtp.relay-undecided unknown");
  auto deferred = plain_talk();
  deferred.mail = smtp_reply(250, {"2.1.0 Ok"});
  deferred.rcpt = smtp_reply(454, {"4.7.1 <b@example.org>: Relay access denied"});
  CHECK(check(deferred, asked).findings.back().id == "smtp.relay-refused");
  CHECK(relay(250, 0) == "smtp.relay-undecided unknown");
  CHECK(relay(550, 0) == "smtp.relay-undecided unknown");
  CHECK(relay(451, 250) == "smtp.relay-undecided unknown");
  CHECK(check(plain_talk()).to_value().find("relay") == nullptr);
}

TEST_CASE("what EHLO lists is read whatever its shape") {
  auto reply = smtp_reply(250, {"mx.example.com Hello", "size", "", "  ", "Size 5", "AUTH",
                                "X-FOO=bar baz", "SIZE 99999999999999999999"});
  auto extensions = checks::read_extensions(reply);
  CHECK(extensions.name == "mx.example.com");
  CHECK(extensions.size() == 0U);
  CHECK(extensions.auth().empty());
  CHECK(extensions.list.size() == 5);
  CHECK(extensions.has("X-FOO=BAR"));
  reply.lines.erase(reply.lines.begin() + 1);
  CHECK(checks::read_extensions(reply).size() == 5U);
  CHECK(checks::read_extensions(smtp_reply(250, {"a", "SIZE x"})).size() == std::nullopt);
  CHECK(checks::read_extensions(smtp_reply(250, {"a", "SIZE 99999999999999999999"})).size() ==
        std::nullopt);
  CHECK(checks::read_extensions(smtp_reply(250, {"a"})).size() == std::nullopt);
  CHECK(checks::read_extensions(smtp_reply(550, {"a", "SIZE 1"})).list.empty());
  CHECK(checks::read_extensions({}).list.empty());
}
