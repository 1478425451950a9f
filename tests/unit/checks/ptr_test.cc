#include "checks/ptr.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "support/check_context.h"
#include "support/memory_backend.h"

using namespace maildiag;
using checks::Fcrdns;
using checks::PtrResult;
using test::MemoryBackend;

namespace {

std::shared_ptr<MemoryBackend> world() {
  auto backend = std::make_shared<MemoryBackend>();
  backend->add(test::raw_name("7.113.0.203.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("mail.example.com")});
  backend->add_address("mail.example.com", "203.0.113.7");
  return backend;
}

PtrResult check(std::shared_ptr<MemoryBackend> backend, const std::string& ip,
                const std::string& helo = "") {
  const std::function<Task<PtrResult>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_ptr(context, *IpAddress::parse(ip), helo);
  };
  auto result = test::run_check<PtrResult>(std::move(backend), run);
  for (const auto& finding : result.findings) CHECK(test::text_fault(finding) == "");
  return result;
}

}  // namespace

TEST_CASE("a name that leads back is in order") {
  const auto result = check(world(), "203.0.113.7");
  CHECK(result.fcrdns == Fcrdns::pass);
  CHECK_FALSE(result.generic);
  REQUIRE(result.findings.size() == 1);
  CHECK(result.findings[0].id == "ptr.ok");
  CHECK(result.findings[0].evidence.size() == 2);
}

TEST_CASE("an IPv4-mapped address is checked as the IPv4 one") {
  CHECK(check(world(), "::ffff:203.0.113.7").fcrdns == Fcrdns::pass);
}

TEST_CASE("NXDOMAIN and NODATA are missing, everything else is unknown") {
  CHECK(check(world(), "203.0.113.8").findings[0].id == "ptr.missing");
  auto nodata = world();
  nodata->add("9.113.0.203.in-addr.arpa", "no pointer");
  CHECK(check(nodata, "203.0.113.9").findings[0].id == "ptr.missing");
  for (const auto outcome : {dns::Outcome::timeout, dns::Outcome::servfail, dns::Outcome::refused,
                             dns::Outcome::network_error}) {
    auto broken = world();
    broken->fail("7.113.0.203.in-addr.arpa", outcome);
    const auto result = check(broken, "203.0.113.7");
    CHECK(result.findings[0].id == "ptr.unknown");
    CHECK(result.findings[0].severity == Severity::unknown);
    CHECK(result.fcrdns == Fcrdns::temperror);
  }
}

TEST_CASE("forward confirmation fails, or stays open") {
  auto elsewhere = std::make_shared<MemoryBackend>();
  elsewhere->add(test::raw_name("7.113.0.203.in-addr.arpa"), dns::RecordType::ptr,
                 dns::NameData{test::raw_name("mail.example.com")});
  CHECK(check(elsewhere, "203.0.113.7").findings[0].id == "ptr.name-unresolvable");
  elsewhere->add_address("mail.example.com", "203.0.113.99");
  const auto mismatch = check(elsewhere, "203.0.113.7");
  CHECK(mismatch.findings[0].id == "ptr.fcrdns-mismatch");
  CHECK(mismatch.fcrdns == Fcrdns::fail);
  auto silent = world();
  silent->fail("mail.example.com", dns::Outcome::timeout);
  CHECK(check(silent, "203.0.113.7").findings[0].id == "ptr.unknown");
}

TEST_CASE("one of several names is enough, and generic names are told") {
  auto backend = world();
  backend->add(test::raw_name("7.113.0.203.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("dead.example.com")});
  const auto several = check(backend, "203.0.113.7");
  CHECK(several.fcrdns == Fcrdns::pass);
  CHECK(test::find(several.findings, "ptr.several") != nullptr);
  auto dynamic = std::make_shared<MemoryBackend>();
  dynamic->add(test::raw_name("7.113.0.203.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("203-0-113-7.dsl.example.net")});
  dynamic->add_address("203-0-113-7.dsl.example.net", "203.0.113.7");
  CHECK(test::find(check(dynamic, "203.0.113.7").findings, "ptr.generic") != nullptr);
}

TEST_CASE("the HELO name") {
  const auto id_of = [](const std::string& helo) {
    return check(world(), "203.0.113.7", helo).findings.back().id;
  };
  CHECK(id_of("mail.example.com") == "helo.ok");
  CHECK(id_of("nowhere.example.com") == "helo.unresolvable");
  CHECK(id_of("localhost") == "helo.invalid");
  CHECK(id_of("server.local") == "helo.invalid");
  CHECK(id_of("203.0.113.7") == "helo.invalid");
  CHECK(id_of("[203.0.113.7]") == "helo.literal");
  CHECK(id_of("[203.0.113.8]") == "helo.invalid");
  CHECK(id_of("a b\x1b[31m") == "helo.invalid");
  for (const char* odd : {"mail_1", "mail*", "-mail", "mail-", "a.-b", "a.b-", "ma+il", "-"}) {
    CAPTURE(odd);
    const auto name = std::string(odd) + ".example.com";
    auto answered = world();
    answered->add_address(name, "203.0.113.7");
    CHECK(check(answered, "203.0.113.7", name).findings.back().id == "helo.invalid");
  }
  for (const char* fine : {"1", "a-b", "a--b", "MAIL9", "xn--bj0bj06e"}) {
    CAPTURE(fine);
    const auto name = std::string(fine) + ".example.com";
    auto answered = world();
    answered->add_address(name, "203.0.113.7");
    CHECK(check(answered, "203.0.113.7", name).findings.back().id == "helo.ok");
  }
  auto other = world();
  other->add_address("other.example.com", "203.0.113.99");
  CHECK(check(other, "203.0.113.7", "other.example.com").findings.back().id == "helo.mismatch");
  // Postfix accepts a name with any A, AAAA or MX record.
  auto others = world();
  others->add_address("v6.example.com", "2001:db8::5");
  others->add_address("v4.example.com", "203.0.113.9");
  others->add_mx("mx-only.example.com", 10, "mail.example.com");
  others->add_mx("null-mx.example.com", 0, ".");
  others->silence(test::raw_name("half.example.com"), {{dns::RecordType::mx}});
  for (const auto& [ip, helo, id] :
       {std::tuple{"203.0.113.7", "v6.example.com", "helo.other-records"},
        std::tuple{"2001:db8::7", "v4.example.com", "helo.other-records"},
        std::tuple{"203.0.113.7", "mx-only.example.com", "helo.other-records"},
        std::tuple{"203.0.113.7", "null-mx.example.com", "helo.unresolvable"},
        std::tuple{"203.0.113.7", "half.example.com", "helo.unknown"}}) {
    CAPTURE(helo);
    CHECK(check(others, ip, helo).findings.back().id == id);
  }
  auto silent = world();
  silent->fail("slow.example.com", dns::Outcome::timeout);
  CHECK(check(silent, "203.0.113.7", "slow.example.com").findings.back().id == "helo.unknown");
}
