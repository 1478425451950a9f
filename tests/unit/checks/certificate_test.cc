#include "checks/certificate.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "support/certificate_maker.h"

using namespace maildiag;
using namespace std::chrono_literals;
using checks::Certificate;
using checks::Expiry;
using test::CertificatePlan;
using test::MadeCertificate;

namespace {

const auto now = *from_rfc3339("2026-11-22T12:00:00Z");

CertificatePlan plan() {
  CertificatePlan made;
  made.not_before = now - 10 * 24h;
  made.not_after = now + 80 * 24h;
  return made;
}

Certificate read(const CertificatePlan& wanted, const MadeCertificate* issuer = nullptr) {
  const auto certificate = Certificate::from_der(MadeCertificate(wanted, issuer).der());
  REQUIRE(certificate);
  return *certificate;
}

DomainName name(const std::string& text) {
  return *DomainName::parse(text);
}

}  // namespace

TEST_CASE("a certificate says who, by whom, for how long and with which key") {
  auto authority = plan();
  authority.common_name = "Test Authority";
  authority.names.clear();
  authority.authority = true;
  const MadeCertificate issuer(authority);
  auto wanted = plan();
  wanted.names = {"DNS:Mail.Example.com", "DNS:mx.example.com", "IP:192.0.2.1", "IP:2001:db8::1"};
  const auto certificate = read(wanted, &issuer);
  CHECK(certificate.subject == "CN=mail.example.com");
  CHECK(certificate.issuer == "CN=Test Authority");
  CHECK(certificate.common_name == "mail.example.com");
  CHECK(certificate.dns_names == std::vector<std::string>{"mail.example.com", "mx.example.com"});
  CHECK(certificate.matches(*IpAddress::parse("192.0.2.1")));
  CHECK(certificate.matches(*IpAddress::parse("2001:db8::1")));
  CHECK_FALSE(certificate.matches(*IpAddress::parse("192.0.2.2")));
  CHECK(certificate.not_before == wanted.not_before);
  CHECK(certificate.not_after == wanted.not_after);
  CHECK(certificate.serial == "0abc");
  CHECK(certificate.key_type == "ec");
  CHECK(certificate.key_bits == 256);
  CHECK(certificate.signature == "ecdsa-with-SHA256");
  CHECK_FALSE(certificate.self_signed);
  CHECK_FALSE(certificate.authority);
  const auto value = certificate.to_value(now);
  CHECK(value["names"].to_text() == "mail.example.com, mx.example.com, 192.0.2.1, 2001:db8::1");
  CHECK(value["not_after"].to_text() == "2027-02-10T12:00:00Z");
  CHECK(value["days_left"].as_integer() == 80);
  CHECK(value["key"]["bits"].as_integer() == 256);
  CHECK(value["sha256"].to_text().size() == 64);
  CHECK(certificate.public_key.size() == 91);  // P-256: RFC 5480 section 2.2

  const auto root = Certificate::from_der(issuer.der());
  REQUIRE(root);
  CHECK(root->self_signed);
  CHECK(root->authority);
}

TEST_CASE("an RSA key has its bits") {
  auto wanted = plan();
  wanted.rsa_bits = 1024;
  const auto certificate = read(wanted);
  CHECK(certificate.key_type == "rsa");
  CHECK(certificate.key_bits == 1024);
  CHECK(certificate.signature == "sha256WithRSAEncryption");
  CHECK(certificate.self_signed);
}

TEST_CASE("a name is compared without its case, a star stands for one label") {
  auto wanted = plan();
  wanted.common_name = "only.example.org";
  wanted.names = {"DNS:mail.example.com", "DNS:*.mx.example.com", "DNS:*.org", "DNS:m*.example.net",
                  "DNS:a.*.example.net"};
  const auto certificate = read(wanted);
  CHECK(certificate.matches(name("MAIL.example.COM")));
  CHECK(certificate.matches(name("a.mx.example.com")));
  CHECK_FALSE(certificate.matches(name("mx.example.com")));
  CHECK_FALSE(certificate.matches(name("a.b.mx.example.com")));
  CHECK_FALSE(certificate.matches(name("example.org")));
  CHECK_FALSE(certificate.matches(name("only.example.org")));
  CHECK_FALSE(certificate.matches(name("mx.example.net")));
  CHECK_FALSE(certificate.matches(name("a.b.example.net")));
}

TEST_CASE("names of certificates are no master-file text") {
  auto wanted = plan();
  wanted.names = {"DNS:\\109x.example.com", "DNS:\\m\\x.example.com", "DNS:*.\\109ail.example.com",
                  "DNS:a_b-c.example.com",  "DNS:*.*.example.net",    "DNS:x/y.example.com"};
  const auto certificate = read(wanted);
  REQUIRE(certificate.dns_names.size() == 6);
  CHECK(certificate.dns_names[0] == "\\109x.example.com");
  CHECK_FALSE(certificate.matches(name("mx.example.com")));
  CHECK_FALSE(certificate.matches(name("a.mail.example.com")));
  CHECK_FALSE(certificate.matches(name("x/y.example.com")));
  CHECK_FALSE(certificate.matches(name("a.*.example.net")));
  CHECK(certificate.matches(name("a_b-c.example.com")));
}

TEST_CASE("a NUL in a name ends nothing and matches nothing") {
  for (const auto* shown : {"mx\\x00.example.com", "mx.example.com\\x00.evil.example"}) {
    CHECK_FALSE(checks::host_in_certificate(shown));
    Certificate certificate;
    certificate.dns_names = {shown};
    CHECK_FALSE(certificate.matches(name("mxx00.example.com")));
    CHECK_FALSE(certificate.matches(name("mx.example.com")));
  }
  CHECK(checks::host_in_certificate("MX.example.com") == name("mx.example.com"));
}

TEST_CASE("what a stranger writes into names reaches no terminal raw") {
  auto wanted = plan();
  wanted.common_name = "a\x1b[31m\nb";
  wanted.names.clear();
  const auto certificate = read(wanted);
  CHECK(certificate.subject.find('\x1b') == std::string::npos);
  CHECK(certificate.subject.find('\n') == std::string::npos);
  CHECK(certificate.common_name == "a\\x1b[31m b");
  CHECK(certificate.dns_names.empty());
}

TEST_CASE("days are counted down, and the limits decide what is said") {
  const auto at = [](std::chrono::seconds left) {
    auto wanted = plan();
    wanted.not_before = now - 80 * 24h;
    wanted.not_after = now + left;
    return read(wanted);
  };
  const checks::ExpiryLimits limits;
  const auto expiry = [&](const Certificate& each) { return expiry_of(each, now, limits); };
  CHECK(at(24h * 14).days_left(now) == 14);
  CHECK(expiry(at(24h * 14)) == Expiry::good);
  CHECK(at(24h * 14 - 1s).days_left(now) == 13);
  CHECK(expiry(at(24h * 14 - 1s)) == Expiry::soon);
  CHECK(expiry(at(24h * 3)) == Expiry::soon);
  CHECK(expiry(at(24h * 3 - 1s)) == Expiry::imminent);
  CHECK(expiry(at(1s)) == Expiry::imminent);
  CHECK(expiry(at(0s)) == Expiry::expired);
  CHECK(at(-1s).days_left(now) == -1);
  CHECK(expiry(at(-1s)) == Expiry::expired);
  auto future = plan();
  future.not_before = now + 1h;
  CHECK(expiry(read(future)) == Expiry::not_yet_valid);
  CHECK(expiry_of(at(24h * 20), now, {30, 10}) == Expiry::soon);
}

TEST_CASE("of a certificate that lives shortly a share of its life counts") {
  const auto expiry = [](std::chrono::hours lifetime, std::chrono::seconds left,
                         const checks::ExpiryLimits& limits = {}) {
    auto wanted = plan();
    wanted.not_after = now + left;
    wanted.not_before = wanted.not_after - lifetime;
    return expiry_of(read(wanted), now, limits);
  };
  CHECK(expiry(6 * 24h, 6 * 24h - 60s) == Expiry::good);
  CHECK(expiry(6 * 24h, 48h) == Expiry::good);
  CHECK(expiry(6 * 24h, 48h - 1s) == Expiry::soon);
  CHECK(expiry(40h, 40h - 1s) == Expiry::good);
  CHECK(expiry(40h, 4h) == Expiry::soon);
  CHECK(expiry(40h, 4h - 1s) == Expiry::imminent);
  CHECK(expiry(90 * 24h, 14 * 24h - 1s) == Expiry::soon);
  CHECK(expiry(90 * 24h, 3 * 24h - 1s) == Expiry::imminent);
  // What was asked for counts.
  CHECK(expiry(6 * 24h, 4 * 24h, {5, std::nullopt}) == Expiry::soon);
  CHECK(expiry(6 * 24h, 4 * 24h, {std::nullopt, 5}) == Expiry::imminent);
}

TEST_CASE("a time that no clock of ours holds is clamped") {
  auto wanted = plan();
  wanted.not_after = now;
  std::string der = MadeCertificate(wanted).der();
  // UTCTime and GeneralizedTime differ in length, so the year within the century is changed.
  const auto at = der.find("261122120000Z");
  REQUIRE(at != std::string::npos);
  der.replace(at, 2, "50");
  const auto certificate = Certificate::from_der(der);
  REQUIRE(certificate);
  CHECK(to_rfc3339(certificate->not_after) == "1970-01-01T00:00:00Z");
}

TEST_CASE("what is no certificate is none: nothing, rubbish, cut short, with a tail, too long") {
  const auto der = MadeCertificate(plan()).der();
  CHECK(Certificate::from_der(der));
  CHECK_FALSE(Certificate::from_der(""));
  CHECK_FALSE(Certificate::from_der("not a certificate"));
  CHECK_FALSE(Certificate::from_der(der + "x"));
  for (std::size_t length = 0; length < der.size(); ++length)
    CHECK_FALSE(Certificate::from_der(der.substr(0, length)));
  CHECK_FALSE(Certificate::from_der(der + std::string(checks::max_certificate, 'x')));
  for (std::size_t at = 0; at < der.size(); ++at) {
    auto damaged = der;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    if (const auto read = Certificate::from_der(damaged)) CHECK(!read->to_value(now).is_null());
  }
}
