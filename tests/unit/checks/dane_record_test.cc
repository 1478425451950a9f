#include "checks/dane_record.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <openssl/sha.h>

#include "support/certificate_maker.h"
#include "support/memory_backend.h"

namespace maildiag::checks::dane {
namespace {

using namespace test;
using namespace std::chrono_literals;

const auto now = *from_rfc3339("2026-11-22T12:00:00Z");

std::string sha256(const std::string& octets) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}
std::string sha512(const std::string& octets) {
  std::string out(SHA512_DIGEST_LENGTH, '\0');
  SHA512(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

CertificatePlan plan_for(const std::string& name, bool authority = false) {
  CertificatePlan plan;
  plan.common_name = name;
  plan.names = authority ? std::vector<std::string>{} : std::vector<std::string>{"DNS:" + name};
  plan.authority = authority;
  plan.not_before = now - 10 * 24h;
  plan.not_after = now + 80 * 24h;
  return plan;
}

/// A root, an issuer below it and a server's certificate.
struct Chain {
  explicit Chain(const CertificatePlan& leaf_plan = plan_for("mx1.example.com"))
      : root(plan_for("Root", true)),
        issuer(plan_for("Issuer", true), &root),
        leaf(leaf_plan, &issuer) {
    for (const auto* each : {&leaf, &issuer, &root})
      served.push_back(*Certificate::from_der(each->der()));
  }
  MadeCertificate root, issuer, leaf;
  std::vector<Certificate> served;
};

Match try_match(std::uint8_t usage, std::uint8_t selector, std::uint8_t type, std::string data,
                const std::vector<Certificate>& chain,
                const std::vector<DomainName>& names = {raw_name("mx1.example.com")}) {
  const auto association = read_association({usage, selector, type, std::move(data)});
  REQUIRE(association.usable());
  return match(association, chain, names, now);
}

TEST_CASE("which TLSA records a mail sender can use") {
  const std::string digest(32, 'x');
  const auto fault = [](std::uint8_t usage, std::uint8_t selector, std::uint8_t type,
                        const std::string& data) {
    return read_association({usage, selector, type, data}).fault;
  };
  CHECK(fault(3, 1, 1, digest) == Fault::none);
  CHECK(fault(2, 0, 2, std::string(64, 'x')) == Fault::none);
  CHECK(fault(3, 0, 0, "x") == Fault::none);
  CHECK(fault(0, 1, 1, digest) == Fault::pkix_usage);
  CHECK(fault(1, 1, 1, digest) == Fault::pkix_usage);
  CHECK(fault(4, 1, 1, digest) == Fault::usage);
  CHECK(fault(255, 1, 1, digest) == Fault::usage);
  CHECK(fault(3, 2, 1, digest) == Fault::selector);
  CHECK(fault(3, 1, 3, digest) == Fault::matching_type);
  CHECK(fault(3, 1, 0, "") == Fault::length);
  CHECK(fault(3, 1, 1, "") == Fault::length);
  CHECK(fault(3, 1, 1, std::string(31, 'x')) == Fault::length);
  CHECK(fault(3, 1, 1, std::string(64, 'x')) == Fault::length);
  CHECK(fault(3, 1, 2, digest) == Fault::length);
  CHECK(read_association({3, 1, 1, "\x01\xff"}).text() == "3 1 1 01ff");
  CHECK(read_association({3, 0, 0, std::string(60000, 'x')}).text().size() < 150);
}

TEST_CASE("usage 3 is about the server's own certificate, in each selector and matching type") {
  const Chain chain;
  const auto& leaf = chain.served.front();
  using Case = std::pair<std::uint8_t, std::string>;
  for (const auto& each : {Case{0, leaf.der}, Case{1, leaf.public_key}}) {
    const auto selector = each.first;
    const auto& what = each.second;
    CAPTURE(int(selector));
    CHECK(try_match(3, selector, 0, what, chain.served).holds());
    CHECK(try_match(3, selector, 1, sha256(what), chain.served).holds());
    CHECK(try_match(3, selector, 2, sha512(what), chain.served).holds());
    CHECK_FALSE(try_match(3, 1 - selector, 1, sha256(what), chain.served).found);
  }
  CHECK_FALSE(
      try_match(3, 1, 1, sha256(chain.served[1].public_key), chain.served).found);  // the issuer
  CHECK_FALSE(try_match(3, 1, 1, sha256(leaf.public_key), {}).found);
}

TEST_CASE("usage 3 asks for no name and no date") {
  auto plan = plan_for("elsewhere.example");
  plan.not_after = now - 24h;
  const Chain chain(plan);
  CHECK(try_match(3, 1, 1, sha256(chain.served[0].public_key), chain.served).holds());
}

TEST_CASE("usage 2 is about an issuer, whose chain has to hold") {
  const Chain chain;
  for (const auto at : {1, 2}) {
    const auto& anchor = chain.served[static_cast<std::size_t>(at)];
    CHECK(try_match(2, 1, 1, sha256(anchor.public_key), chain.served).holds());
    CHECK(try_match(2, 0, 1, sha256(anchor.der), chain.served).holds());
    CHECK(try_match(2, 0, 0, anchor.der, chain.served).holds());
  }
  // The server's own certificate is no issuer.
  CHECK_FALSE(try_match(2, 1, 1, sha256(chain.served[0].public_key), chain.served).found);
  // The issuer is not served.
  CHECK_FALSE(try_match(2, 1, 1, sha256(chain.served[1].public_key), {chain.served.front()}).found);
}

TEST_CASE("usage 2: names, dates and signatures count") {
  const Chain chain;
  const auto anchor = sha256(chain.served[1].public_key);
  const auto other = try_match(2, 1, 1, anchor, chain.served, {raw_name("mx2.example.com")});
  CHECK(other.found);
  CHECK(other.wrong_name);
  CHECK_FALSE(other.holds());
  CHECK(try_match(2, 1, 1, anchor, chain.served,
                  {raw_name("mx2.example.com"), raw_name("MX1.example.com")})
            .holds());

  auto plan = plan_for("mx1.example.com");
  plan.not_after = now - 24h;
  const Chain expired(plan);
  const auto late = try_match(2, 1, 1, sha256(expired.served[1].public_key), expired.served);
  CHECK(late.found);
  CHECK(late.reason == "certificate has expired");
  CHECK_FALSE(late.holds());

  // An issuer that did not sign this certificate, put beside it.
  const Chain stranger;
  const std::vector<Certificate> mixed = {chain.served[0], stranger.served[1]};
  const auto forged = try_match(2, 1, 1, sha256(stranger.served[1].public_key), mixed);
  CHECK(forged.found);
  CHECK_FALSE(forged.reason.empty());
}

TEST_CASE("the common name counts where a certificate has no other") {
  auto plan = plan_for("mx1.example.com");
  plan.names.clear();
  const Chain chain(plan);
  CHECK(try_match(2, 1, 1, sha256(chain.served[1].public_key), chain.served).holds());
  plan.common_name = "\\109x1.example.com";  // in a master file: mx1.example.com
  const Chain escaped(plan);
  CHECK(try_match(2, 1, 1, sha256(escaped.served[1].public_key), escaped.served).wrong_name);
}

}  // namespace
}  // namespace maildiag::checks::dane
