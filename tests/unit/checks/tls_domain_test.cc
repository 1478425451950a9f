#include <string>

#include <doctest/doctest.h>

#include "support/tls_world.h"

namespace maildiag::checks {
namespace {

using namespace test;

std::string ids(TlsWorld& world) {
  const auto report = world.check();
  for (const auto& finding : report.all_findings()) CHECK(text_fault(finding) == "");
  return ids_of(report.findings, "tls");
}

TEST_CASE("a domain whose mail servers are in good order") {
  TlsWorld world;
  world.policy("enforce");
  CHECK(ids(world) == "certificate-ok:ok certificate-ok:ok");
  const auto report = world.check();
  CHECK(get(report.tls_rpt.findings, "tls-rpt.missing").severity == Severity::warning);
  const auto value = report.to_value();
  CHECK(value["route"].as_string() == "mx");
  const auto& server = value["servers"].as_array().at(0);
  CHECK(server["state"].as_string() == "secured");
  CHECK(server["version"].as_string() == "TLSv1.3");
  CHECK(server["verified"] == Value(true));
  CHECK(server["name_matches"] == Value(true));
  CHECK(server["certificate"]["days_left"] == Value(80));
}

TEST_CASE("what is wrong with a certificate weighs as much as somebody looks at it") {
  TlsWorld world;
  auto expired = world.plan("mx1.example.com");
  expired.not_after = world.now - std::chrono::hours(1);
  const auto check = [&world] { return ids(world); };
  const auto set = [&](const CertificatePlan& plan, long result) {
    world.serve("192.0.2.1", plan);
    world.talks.at("192.0.2.1").tls->verify_result = result;
    world.talks.at("192.0.2.1").tls->verify_text = "as OpenSSL says";
  };
  constexpr long has_expired = 10;
  constexpr long self_signed_in_chain = 19;
  set(expired, has_expired);
  CHECK(check() == "unprotected:warning certificate-expired:warning certificate-ok:ok");
  world.policy("testing");
  CHECK(check() == "certificate-expired:warning certificate-ok:ok");
  TlsWorld enforced;
  enforced.policy("enforce");
  const auto set_enforced = [&](const CertificatePlan& plan, long result) {
    enforced.serve("192.0.2.1", plan);
    enforced.talks.at("192.0.2.1").tls->verify_result = result;
  };
  set_enforced(expired, has_expired);
  CHECK(ids(enforced) == "certificate-expired:critical certificate-ok:ok");
  set_enforced(enforced.plan("mx1.example.com"), self_signed_in_chain);
  CHECK(ids(enforced) == "certificate-untrusted:critical certificate-ok:ok");
  set_enforced(enforced.plan("other.example"), 0);
  CHECK(ids(enforced) == "certificate-name:critical certificate-ok:ok");
  auto soon = enforced.plan("mx1.example.com");
  soon.not_before = enforced.now - std::chrono::hours(24 * 80);
  soon.not_after = enforced.now + std::chrono::hours(24 * 10);
  set_enforced(soon, 0);
  CHECK(ids(enforced) == "certificate-expires-soon:warning certificate-ok:ok");
  soon.not_after = enforced.now + std::chrono::hours(30);
  set_enforced(soon, 0);
  CHECK(ids(enforced) == "certificate-expires-soon:critical certificate-ok:ok");
  soon.not_before = enforced.now + std::chrono::hours(1);
  constexpr long not_yet_valid = 9;
  set_enforced(soon, not_yet_valid);
  CHECK(ids(enforced) == "certificate-not-yet-valid:critical certificate-ok:ok");
}

TEST_CASE("DANE senders ask for no authority, name or date") {
  TlsWorld world;
  auto plan = world.plan("other.example");
  plan.not_after = world.now - std::chrono::hours(1);
  world.serve("192.0.2.1", plan);
  world.talks.at("192.0.2.1").tls->verify_result = 10;
  world.good_tlsa();
  CHECK(ids(world) == "certificate-expired:info certificate-name:info certificate-ok:ok");
  world.policy("enforce");
  CHECK(ids(world) == "certificate-expired:critical certificate-name:critical certificate-ok:ok");
}

TEST_CASE("servers without TLS, and servers that nobody reached") {
  TlsWorld world;
  auto& talk = world.talks.at("192.0.2.1");
  talk.tls.reset();
  talk.starttls = {};
  talk.ehlo = {250, {"hello", "8BITMIME"}};
  CHECK(ids(world) == "unprotected:warning no-starttls:warning certificate-ok:ok");
  world.policy("enforce");
  CHECK(ids(world) == "no-starttls:critical certificate-ok:ok");
  talk.ehlo = {250, {"hello", "starttls"}};
  talk.starttls = {454, {"4.7.0 no key\x1b[2J"}};
  CHECK(ids(world) == "starttls-refused:critical certificate-ok:ok");
  talk.starttls = {220, {"go"}};
  talk.stage = net::SmtpStage::handshake;
  talk.fault = net::Fault::handshake;
  talk.reason = "wrong version number";
  CHECK(ids(world) == "handshake-failed:critical certificate-ok:ok");
  for (const auto fault : {net::Fault::timeout, net::Fault::refused, net::Fault::unreachable,
                           net::Fault::closed, net::Fault::protocol}) {
    talk = {};
    talk.fault = fault;
    CHECK(ids(world) == "server-unknown:unknown certificate-ok:ok");
  }
  talk = {};
  talk.greeting = {554, {"5.7.1 go away"}};
  talk.stage = net::SmtpStage::greeting;
  CHECK(ids(world) == "server-unknown:unknown certificate-ok:ok");
  CHECK(get(world.check().findings, "tls.server-unknown").data["reason"].as_string() ==
        "554 5.7.1 go away");
}

TEST_CASE("what is wanting on this machine leaves a server unknown") {
  for (const auto fault : {net::Fault::trust_store, net::Fault::no_library}) {
    TlsWorld world;
    auto& talk = world.talks.at("192.0.2.1");
    talk.tls.reset();
    talk.stage = net::SmtpStage::handshake;
    talk.fault = fault;
    talk.reason = "error setting certificate file: /etc/ca.pem";
    CHECK(ids(world) == "unprotected:warning not-equipped:unknown certificate-ok:ok");
    const auto report = world.check();
    CHECK(get(report.findings, "tls.not-equipped").data["reason"].as_string() == talk.reason);
    CHECK(report.to_value()["servers"].as_array().at(0)["state"].as_string() == "unknown");
    talk = {};
    talk.fault = fault;
    CHECK(ids(world) == "unprotected:warning not-equipped:unknown certificate-ok:ok");
  }
}

TEST_CASE("an old TLS version, and a certificate that is none") {
  TlsWorld world;
  world.policy("enforce");
  world.talks.at("192.0.2.1").tls->version = "TLSv1.1";
  world.talks.at("192.0.2.2").tls->chain = {"rubbish"};
  CHECK(ids(world) == "old-version:warning certificate-ok:ok certificate-unreadable:unknown");
  world.talks.at("192.0.2.2").tls->chain = {};
  CHECK(ids(world) == "old-version:warning certificate-ok:ok certificate-unreadable:unknown");
}

TEST_CASE("without a network what needs it is said once") {
  TlsWorld world;
  world.policy("enforce");
  world.connected = false;
  CHECK(ids(world) == "not-looked-at:info");
  world.connected = true;
  world.network.on_talk = nullptr;
  world.network.on_fetch = nullptr;
  CHECK(ids(world) == "not-looked-at:info");
  CHECK(world.check().all_findings().size() == 3);  // and no DANE, no TLS-RPT
}

TEST_CASE("domains without mail servers") {
  SUBCASE("null MX") {
    TlsWorld world;
    world.records = std::make_shared<MemoryBackend>();
    world.dns = std::make_shared<SignedBackend>(world.records);
    world.records->add_mx("example.com", 0, "");
    CHECK(ids(world) == "null-mx:info");
  }
  SUBCASE("no such domain") {
    TlsWorld world;
    world.dns = std::make_shared<SignedBackend>(std::make_shared<MemoryBackend>());
    CHECK(ids(world) == "nxdomain:critical");
  }
  SUBCASE("neither MX nor address") {
    TlsWorld world;
    world.records = std::make_shared<MemoryBackend>();
    world.dns = std::make_shared<SignedBackend>(world.records);
    world.records->add("example.com", "text");
    CHECK(ids(world) == "no-mail-host:critical");
  }
  SUBCASE("unanswered") {
    TlsWorld world;
    world.records->fail("example.com", dns::Outcome::servfail);
    CHECK(ids(world) == "mx-unknown:unknown");
  }
  SUBCASE("a host unanswered") {
    TlsWorld world;
    world.records->fail("mx1.example.com", dns::Outcome::timeout);
    CHECK(ids(world) == "host-unknown:unknown unprotected:warning certificate-ok:ok");
  }
}

TEST_CASE("more addresses than are tried") {
  TlsWorld world;
  for (int i = 0; i < 70; ++i) {
    const auto address = "198.51.100." + std::to_string(i + 1);
    world.records->add_address("mx1.example.com", address);
    world.serve(address, world.plan("mx1.example.com"));
  }
  const auto report = world.check();
  CHECK(report.servers.size() == max_tls_servers);
  CHECK(get(report.findings, "tls.more-servers").data["count"] == Value(72));
}

TEST_CASE("dialogues that were held before are not held again") {
  TlsWorld world;
  const auto before = world.check();
  world.network.on_talk = nullptr;
  const auto run = [&](Context context) -> Task<TlsReport> {
    TlsQuestion question;
    question.domain = raw_name("example.com");
    question.now = world.now;
    question.servers = before.servers;
    co_return co_await check_tls(context, std::move(question));
  };
  const auto report = run_check<TlsReport>(world.dns, run, &world.network);
  CHECK(ids_of(report.findings, "tls") ==
        "unprotected:warning certificate-ok:ok certificate-ok:ok");
}

}  // namespace
}  // namespace maildiag::checks
