#include <string>

#include <doctest/doctest.h>

#include "support/tls_world.h"

namespace maildiag::checks {
namespace {

using namespace test;

std::string ids(TlsWorld& world) {
  const auto report = world.check();
  for (const auto& finding : report.dane.findings) CHECK(text_fault(finding) == "");
  return ids_of(report.dane.findings, "dane");
}

TEST_CASE("DANE in good order") {
  TlsWorld world;
  world.good_tlsa();
  CHECK(ids(world) == "match:ok match:ok");
  const auto report = world.check();
  CHECK(report.dane.validator == Validator::local);
  CHECK(report.dane.demanded(raw_name("mx1.example.com")));
  CHECK(report.dane.holds(raw_name("mx1.example.com"), *IpAddress::parse("192.0.2.1")));
  CHECK(world.sni.at("192.0.2.1") == "mx1.example.com");
  const auto value = report.dane.to_value();
  CHECK(value["mx_dnssec"].as_string() == "secure");
  CHECK(value["hosts"].as_array().at(0)["tlsa"].as_array().size() == 1);
  CHECK(value["hosts"].as_array().at(0)["servers"].as_array().at(0)["matches"].as_array().at(0) ==
        Value(true));
}

TEST_CASE("no TLSA record is no fault") {
  TlsWorld world;
  CHECK(ids(world) == "missing:info");
  CHECK(get(world.check().findings, "tls.unprotected").severity == Severity::warning);
}

TEST_CASE("TLSA records of some hosts only") {
  TlsWorld world;
  world.tlsa("mx1.example.com", 3, 1, 1, world.sha256(world.key_of("192.0.2.1")));
  CHECK(ids(world) == "match:ok partial:warning");
  CHECK(get(world.check().dane.findings, "dane.partial").data["hosts"].to_text() ==
        "mx2.example.com");
}

TEST_CASE("a certificate that no record is for") {
  TlsWorld world;
  world.good_tlsa();
  world.serve("192.0.2.2", world.plan("mx2.example.com"));
  CHECK(ids(world) == "match:ok mismatch:critical");
  CHECK(get(world.check().dane.findings, "dane.mismatch").data["ip"].as_string() == "192.0.2.2");
  // Nobody goes by unsigned records.
  world.dns->insecure = {raw_name("example.com")};
  CHECK(ids(world) ==
        "mx-insecure:warning insecure:warning match:ok insecure:warning mismatch:warning");
}

TEST_CASE("a change of keys: the record of the next one stands beside the current") {
  TlsWorld world;
  world.good_tlsa();
  world.tlsa("mx1.example.com", 3, 1, 1, world.sha256("the next key"));
  CHECK(ids(world) == "match:ok rollover:info match:ok");
  const auto report = world.check();
  const auto& finding = get(report.dane.findings, "dane.rollover");
  CHECK(finding.data["current"].as_array().size() == 1);
  CHECK(finding.data["others"].as_array().size() == 1);
  CHECK(finding.data["current"].to_text() != finding.data["others"].to_text());
}

TEST_CASE("of one usage and selector the strongest digest alone counts") {
  TlsWorld world;
  world.good_tlsa();
  const auto key = world.key_of("192.0.2.1");
  const std::string wrong(64, 'x');
  world.tlsa("mx1.example.com", 3, 1, 2, wrong);
  CHECK(ids(world) == "stale-digest:critical match:ok");
  const auto report = world.check();
  const auto& finding = get(report.dane.findings, "dane.stale-digest");
  CHECK(finding.data["record"].as_string().starts_with("3 1 1 "));
  CHECK(finding.data["strongest"].to_text().starts_with("3 1 2 7878"));
  CHECK_FALSE(report.dane.holds(raw_name("mx1.example.com"), *IpAddress::parse("192.0.2.1")));
  // Another pair or the whole key is for itself; the wrong one is no roll-over all the same.
  world.tlsa("mx1.example.com", 3, 1, 0, key);
  CHECK(ids(world) == "stale-digest:warning match:ok match:ok");

  TlsWorld right;
  right.good_tlsa();
  right.tlsa("mx1.example.com", 3, 1, 2, right.sha512(right.key_of("192.0.2.1")));
  CHECK(ids(right) == "match:ok match:ok");
  right.tlsa("mx1.example.com", 3, 1, 2, wrong);
  CHECK(ids(right) == "match:ok rollover:info match:ok");

  TlsWorld other;
  other.good_tlsa();
  other.tlsa("mx1.example.com", 3, 0, 2, wrong);
  other.tlsa("mx1.example.com", 3, 1, 2, "too short");
  CHECK(ids(other) == "whole-certificate:info bad-record:warning match:ok rollover:info match:ok");
}

TEST_CASE("two addresses of one host, and only one has the new key") {
  TlsWorld world;
  world.good_tlsa();
  world.records->add_address("mx1.example.com", "192.0.2.11");
  world.serve("192.0.2.11", world.plan("mx1.example.com"));
  const auto report = world.check();
  CHECK(ids(world) == "mismatch:critical match:ok");
  CHECK(get(report.dane.findings, "dane.mismatch").data["ip"].as_string() == "192.0.2.11");
  CHECK(report.dane.holds(raw_name("mx1.example.com"), *IpAddress::parse("192.0.2.1")));
  CHECK_FALSE(report.dane.holds(raw_name("mx1.example.com"), *IpAddress::parse("192.0.2.11")));
}

TEST_CASE("an authority as anchor: dates and names of the certificate count") {
  TlsWorld world;
  const auto root = Certificate::from_der(world.root.der())->public_key;
  world.tlsa("mx1.example.com", 2, 1, 1, world.sha256(root));
  world.tlsa("mx2.example.com", 2, 1, 1, world.sha256(root));
  CHECK(ids(world) == "match:ok match:ok");
  world.serve("192.0.2.1", world.plan("other.example"));
  CHECK(ids(world) == "anchor-name:critical match:ok");
  world.serve("192.0.2.1", world.plan("example.com"));  // the domain itself is a name, too
  CHECK(ids(world) == "match:ok match:ok");
  auto expired = world.plan("mx1.example.com");
  expired.not_after = world.now - std::chrono::hours(1);
  world.serve("192.0.2.1", expired);
  CHECK(ids(world) == "anchor-chain:critical match:ok");
}

TEST_CASE("an authority that is not in the chain") {
  TlsWorld world;
  const auto root = Certificate::from_der(world.root.der())->public_key;
  world.tlsa("mx1.example.com", 2, 1, 1, world.sha256(root));
  world.tlsa("mx2.example.com", 2, 1, 1, world.sha256(root));
  world.talks.at("192.0.2.1").tls->chain.resize(1);
  CHECK(ids(world) == "anchor-not-sent:critical match:ok");
  const auto report = world.check();
  const auto& finding = get(report.dane.findings, "dane.anchor-not-sent");
  CHECK(finding.data["ip"].as_string() == "192.0.2.1");
  CHECK(text_fault(finding) == "");
  // A record that nobody goes by asks for nothing else; one of a server's key does.
  world.tlsa("mx1.example.com", 1, 1, 1, std::string(32, 'x'));
  CHECK(ids(world) == "pkix-usage:warning anchor-not-sent:critical match:ok");
  world.tlsa("mx1.example.com", 3, 1, 1, std::string(32, 'x'));
  CHECK(ids(world) == "pkix-usage:warning mismatch:critical match:ok");
}

TEST_CASE("records that mail senders pass over") {
  TlsWorld world;
  world.good_tlsa();
  world.tlsa("mx1.example.com", 1, 1, 1, std::string(32, 'x'));
  world.tlsa("mx1.example.com", 3, 1, 1, "short");
  world.tlsa("mx1.example.com", 3, 0, 1, std::string(32, 'x'));
  CHECK(ids(world) ==
        "pkix-usage:warning bad-record:warning whole-certificate:info match:ok rollover:info "
        "match:ok");
  TlsWorld useless;
  useless.tlsa("mx1.example.com", 0, 1, 1, std::string(32, 'x'));
  useless.tlsa("mx2.example.com", 3, 1, 1, useless.sha256(useless.key_of("192.0.2.2")));
  CHECK(ids(useless) == "pkix-usage:warning no-usable-record:warning match:ok");
}

TEST_CASE("TLSA records and no TLS") {
  TlsWorld world;
  world.good_tlsa();
  auto& talk = world.talks.at("192.0.2.1");
  talk.tls.reset();
  talk.starttls = {};
  talk.ehlo = {250, {"hello", "SIZE 1000"}};
  CHECK(ids(world) == "no-starttls:critical match:ok");
  talk.ehlo = {250, {"hello", "STARTTLS"}};
  talk.starttls = {454, {"4.7.0 TLS not available"}};
  CHECK(ids(world) == "no-starttls:critical match:ok");
  talk.starttls = {220, {"go ahead"}};
  talk.stage = net::SmtpStage::handshake;
  talk.fault = net::Fault::handshake;
  CHECK(ids(world) == "no-starttls:critical match:ok");
  // A server that nobody saw is neither right nor wrong.
  talk.fault = net::Fault::timeout;
  CHECK(ids(world) == "match:ok");
  CHECK(get(world.check().findings, "tls.server-unknown").severity == Severity::unknown);
  world.connected = false;
  CHECK(ids(world) == "");
}

TEST_CASE("unsigned zones, broken signatures, resolvers that do not validate") {
  SUBCASE("the MX records only") {
    TlsWorld world;
    world.good_tlsa();
    world.dns->secure = {DomainName(), raw_name("mx1.example.com")};
    world.dns->insecure = {raw_name("_25._tcp.mx2.example.com")};
    CHECK(ids(world) == "match:ok insecure:warning match:ok");
  }
  SUBCASE("nobody validates") {
    TlsWorld world;
    world.good_tlsa();
    world.dns->secure = {};
    CHECK(ids(world) == "not-validated:unknown match:ok match:ok");
    CHECK(world.check().dane.to_value()["mx_dnssec"].as_string() == "unknown");
    CHECK(find(world.check().findings, "tls.unprotected") == nullptr);
  }
  SUBCASE("the zone is unsigned, and the root shows that the resolver validates") {
    TlsWorld world;
    world.good_tlsa();
    world.dns->insecure = {raw_name("example.com")};
    CHECK(ids(world) == "mx-insecure:warning insecure:warning match:ok insecure:warning match:ok");
    CHECK(get(world.check().findings, "tls.unprotected").severity == Severity::warning);
  }
  SUBCASE("validated elsewhere") {
    TlsWorld world;
    world.good_tlsa();
    world.dns->server = "192.0.2.53#53";
    CHECK(ids(world) == "remote-resolver:info match:ok match:ok");
    world.dns->server = "::1#53";
    CHECK(ids(world) == "match:ok match:ok");
  }
  SUBCASE("from a file") {
    TlsWorld world;
    world.good_tlsa();
    world.dns->secure = {};
    world.dns->server = "zone:example.zone";
    world.connected = false;
    CHECK(ids(world) == "from-file:info");
  }
  SUBCASE("bogus") {
    TlsWorld world;
    world.good_tlsa();
    world.records->fail("_25._tcp.mx2.example.com", dns::Outcome::servfail);
    CHECK(ids(world) == "match:ok unanswered:unknown");
    CHECK(world.check().dane.hosts.at(1).tlsa == Dnssec::unknown);
    CHECK_FALSE(world.check().dane.demanded(raw_name("mx2.example.com")));
  }
}

TEST_CASE("an MX host behind a secure CNAME: its end comes first, then the host itself") {
  TlsWorld world;
  world.records = std::make_shared<MemoryBackend>();
  world.dns = std::make_shared<SignedBackend>(world.records);
  world.dns->secure = {DomainName()};
  world.records->add_mx("example.com", 10, "mail.example.com");
  world.records->add(raw_name("mail.example.com"), dns::RecordType::cname,
                     dns::NameData{raw_name("host.example.net")});
  world.records->add_address("host.example.net", "192.0.2.1");
  const auto digest = world.sha256(world.key_of("192.0.2.1"));
  world.tlsa("mail.example.com", 3, 1, 1, digest);
  CHECK(ids(world) == "match:ok");
  CHECK(world.check().dane.hosts.front().base == raw_name("mail.example.com"));
  world.tlsa("host.example.net", 3, 1, 1, world.sha256("another key"));
  CHECK(ids(world) == "mismatch:critical");
  CHECK(world.check().dane.hosts.front().base == raw_name("host.example.net"));
}

}  // namespace
}  // namespace maildiag::checks
