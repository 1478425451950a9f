#include "checks/dnsbl.h"

#include <algorithm>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "checks/dnsbl_query.h"
#include "checks/dnsbl_read.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

using namespace maildiag;
using checks::DnsblResult;
using checks::ListState;
using test::MemoryBackend;

namespace {

using World = std::shared_ptr<MemoryBackend>;
constexpr const char* zen = "zen.spamhaus.org";

/// A list that lists its own test entry, and nothing else.
World world(const std::string& zone = zen) {
  auto backend = std::make_shared<MemoryBackend>();
  backend->add_address("2.0.0.127." + zone, "127.0.0.2");
  return backend;
}

DnsblResult ask(World backend, const checks::DnsblTarget& target, const std::string& zone = zen,
                checks::SelfTest self_test = checks::SelfTest::automatic) {
  checks::DnsblOptions options;
  if (!zone.empty()) options.only = {zone};
  options.self_test = self_test;
  const std::function<Task<DnsblResult>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_dnsbl(context, target, options);
  };
  auto result = test::run_check<DnsblResult>(std::move(backend), run);
  for (const auto& finding : result.findings) CHECK(test::text_fault(finding) == "");
  return result;
}

DnsblResult ask(World backend, const std::string& ip) {
  return ask(std::move(backend), *IpAddress::parse(ip));
}

bool asked(const MemoryBackend& backend, const std::string& question) {
  const auto& all = backend.asked();
  return std::find(all.begin(), all.end(), question) != all.end();
}

}  // namespace

TEST_CASE("listed with every code, the list's words and the removal page") {
  auto backend = world();
  backend->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.4");
  backend->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.10");
  backend->add("7.113.0.203.zen.spamhaus.org", "reason\x1b[2J with\ncontrols");
  const auto result = ask(backend, "203.0.113.7");
  REQUIRE(result.lists.size() == 1);
  CHECK(result.lists[0].state == ListState::listed);
  CHECK(result.lists[0].codes.size() == 2);
  CHECK(result.lists[0].txt == "reason\\x1b[2J with controls");
  const auto* listed = test::find(result.findings, "dnsbl.listed");
  REQUIRE(listed != nullptr);
  CHECK(listed->severity == Severity::critical);
  CHECK_FALSE(listed->data["removal"].as_string().empty());
  CHECK(listed->data["codes"].as_array().size() == 2);
  // The PBL refuses it, too, whatever else ZEN says.
  const auto* policy = test::find(result.findings, "dnsbl.policy-listed");
  REQUIRE(policy != nullptr);
  CHECK(policy->severity == Severity::warning);
  CHECK(policy->data["list"].as_string() == zen);
  CHECK(policy->data["codes"].to_text() == "127.0.0.10");
  CHECK(policy->data["meaning"]["en"].as_string().starts_with("PBL"));
  CHECK(policy->data["meaning"]["ko"].as_string().starts_with("PBL"));
  CHECK(result.listed == 1);
}

TEST_CASE("one listing for one reason, and a code of two reasons for both") {
  auto backend = world();
  backend->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.2");
  backend->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.9");
  const auto blocked = ask(backend, "203.0.113.7");
  CHECK(test::find(blocked.findings, "dnsbl.listed") != nullptr);
  CHECK(test::find(blocked.findings, "dnsbl.policy-listed") == nullptr);
}

TEST_CASE("a policy listing is no accusation") {
  auto backend = world();
  backend->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.11");
  const auto result = ask(backend, "203.0.113.7");
  CHECK(result.listed == 1);
  CHECK(test::find(result.findings, "dnsbl.policy-listed") != nullptr);
  CHECK(test::find(result.findings, "dnsbl.listed") == nullptr);
}

TEST_CASE("not listed is said only of a list that passes its own test") {
  CHECK(ask(world(), "203.0.113.7").lists[0].state == ListState::not_listed);
  CHECK(test::find(ask(world(), "203.0.113.7").findings, "dnsbl.clean") != nullptr);

  auto emptied = std::make_shared<MemoryBackend>();
  CHECK(ask(emptied, "203.0.113.7").lists[0].state == ListState::broken);

  auto wildcarded = world();
  wildcarded->add_address("1.0.0.127.zen.spamhaus.org", "127.0.0.2");
  wildcarded->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.2");
  const auto result = ask(wildcarded, "203.0.113.7");
  CHECK(result.lists[0].state == ListState::broken);
  CHECK(result.listed == 0);
  CHECK(test::find(result.findings, "dnsbl.clean") == nullptr);
}

TEST_CASE("error codes, addresses outside 127/8 and undocumented codes are no listings") {
  const auto state_of = [](const char* code) {
    auto backend = world();
    backend->add_address("7.113.0.203.zen.spamhaus.org", code);
    return ask(backend, "203.0.113.7").lists[0].state;
  };
  CHECK(state_of("127.255.255.252") == ListState::blocked);
  CHECK(state_of("127.255.255.254") == ListState::blocked);
  CHECK(state_of("127.255.255.255") == ListState::blocked);
  CHECK(state_of("203.0.113.80") == ListState::broken);
  CHECK(state_of("127.0.0.99") == ListState::broken);
}

TEST_CASE("no list takes its refusal, or ICANN's name collision, for a listing") {
  const auto rulebook = rulebook::Rulebook::load({});
  REQUIRE(rulebook);
  for (const auto& list : (*rulebook)->lists()) {
    if (list.codes.empty()) continue;
    CAPTURE(list.zone);
    for (const char* refusal : {"127.255.255.250", "127.255.255.254", "127.255.255.255"}) {
      const auto read = checks::read_codes(list, {*IpAddress::parse(refusal)});
      CHECK(read.reading == checks::Reading::error_code);
    }
    const auto read = checks::read_codes(list, {*IpAddress::parse("127.0.53.53")});
    CHECK(read.reading == checks::Reading::undocumented);
  }
  auto backend = std::make_shared<MemoryBackend>();
  backend->add_address("test.surbl.org.multi.surbl.org", "127.0.0.254");
  backend->add_address("victim.com.multi.surbl.org", "127.255.255.254");
  const auto result = ask(backend, *DomainName::parse("victim.com"), "multi.surbl.org");
  CHECK(result.lists.at(0).state == ListState::blocked);
  auto plain = world("bl.example.org");
  plain->add_address("7.113.0.203.bl.example.org", "127.0.53.53");
  CHECK(ask(plain, *IpAddress::parse("203.0.113.7"), "bl.example.org").lists.at(0).state ==
        ListState::broken);
}

TEST_CASE("what a list says besides takes nobody off its allow list, and lists nobody") {
  const auto state_of = [](const std::string& zone, std::vector<std::string> codes) {
    auto backend = std::make_shared<MemoryBackend>();
    for (const auto& code : codes) backend->add_address("7.113.0.203." + zone, code);
    return ask(backend, *IpAddress::parse("203.0.113.7"), zone, checks::SelfTest::never)
        .lists.at(0)
        .state;
  };
  const std::string hostkarma = "hostkarma.junkemailfilter.com";
  CHECK(state_of(hostkarma, {"127.0.0.1", "127.0.1.1", "127.0.2.3"}) == ListState::allowed);
  CHECK(state_of(hostkarma, {"127.0.0.1", "127.0.0.5"}) == ListState::allowed);
  CHECK(state_of(hostkarma, {"127.0.1.1", "127.0.2.3"}) == ListState::not_listed);
  CHECK(state_of(hostkarma, {"127.0.1.1", "127.0.9.9"}) == ListState::broken);
  CHECK(state_of(hostkarma, {"127.0.9.9", "127.0.0.2"}) == ListState::listed);
  CHECK(state_of("iadb.isipp.com", {"127.2.255.1", "127.2.255.101"}) == ListState::not_listed);
  CHECK(state_of(hostkarma, {"127.0.0.3", "127.0.2.3"}) == ListState::listed);
  CHECK(state_of(hostkarma, {"127.0.0.1", "127.0.0.2"}) == ListState::listed);
  CHECK(state_of("iadb.isipp.com", {"127.0.0.1", "127.2.255.1", "127.3.100.6"}) ==
        ListState::allowed);
}

TEST_CASE("a question without an answer is an error, whichever of the three it is") {
  for (const char* name : {"7.113.0.203.zen.spamhaus.org", "2.0.0.127.zen.spamhaus.org",
                           "1.0.0.127.zen.spamhaus.org"}) {
    for (const auto outcome :
         {dns::Outcome::timeout, dns::Outcome::servfail, dns::Outcome::refused}) {
      auto backend = world();
      backend->fail(name, outcome);
      const auto result = ask(backend, "203.0.113.7");
      CHECK(result.lists[0].state == ListState::error);
      CHECK(result.answered == 0);
      CHECK(test::find(result.findings, "dnsbl.quorum-missed") != nullptr);
    }
  }
}

TEST_CASE("without the self-test the list is believed") {
  auto emptied = std::make_shared<MemoryBackend>();
  CHECK(
      ask(emptied, *IpAddress::parse("203.0.113.7"), zen, checks::SelfTest::never).lists[0].state ==
      ListState::not_listed);
}

TEST_CASE("IPv6 by nibbles, its own test entry, and mapped addresses as IPv4") {
  auto backend = world();
  backend->add_address(
      "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.zen.spamhaus.org",
      "127.0.0.2");
  const auto result = ask(backend, "2001:db8::1");
  CHECK(result.lists[0].state == ListState::not_listed);
  CHECK(
      asked(*backend,
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.spamhaus.org A"));
  auto mapped = world();
  ask(mapped, "::ffff:203.0.113.7");
  CHECK(asked(*mapped, "7.113.0.203.zen.spamhaus.org A"));
}

TEST_CASE(
    "an address list is not asked about a domain, nor the reverse; retired and keyed lists are "
    "skipped") {
  auto backend = world();
  CHECK(ask(backend, test::raw_name("example.com"), zen).lists[0].state == ListState::skipped);
  CHECK(ask(backend, *IpAddress::parse("203.0.113.7"), "dbl.spamhaus.org").lists[0].state ==
        ListState::skipped);
  CHECK(ask(backend, *IpAddress::parse("203.0.113.7"), "dnsbl.sorbs.net").lists[0].state ==
        ListState::skipped);
  const auto keyed = ask(backend, *IpAddress::parse("203.0.113.7"), "{key}.zen.dq.spamhaus.net");
  CHECK(keyed.lists[0].state == ListState::skipped);
  CHECK(keyed.lists[0].zone == "****.zen.dq.spamhaus.net");
  CHECK(backend->asked().empty());
}

TEST_CASE("domains are asked as they are") {
  auto backend = std::make_shared<MemoryBackend>();
  backend->add_address("dbltest.com.dbl.spamhaus.org", "127.0.1.2");
  backend->add_address("bad.example.dbl.spamhaus.org", "127.0.1.4");
  const auto result = ask(backend, test::raw_name("bad.example"), "dbl.spamhaus.org");
  CHECK(result.lists[0].state == ListState::listed);
  CHECK(test::find(result.findings, "dbl.listed") != nullptr);
}

TEST_CASE("a zone that no file knows is read as RFC 5782 says") {
  auto backend = world("bl.own.example");
  backend->add_address("7.113.0.203.bl.own.example", "127.0.0.9");
  const auto result = ask(backend, *IpAddress::parse("203.0.113.7"), "bl.own.example");
  CHECK(result.lists[0].state == ListState::listed);
  CHECK(result.to_value(test::shipped_rulebook(), Language::en, false)["lists"]
            .as_array()[0]["zone"]
            .as_string() == "bl.own.example");
  auto refused = world("bl.own.example");
  refused->add_address("7.113.0.203.bl.own.example", "127.255.255.254");
  CHECK(ask(refused, *IpAddress::parse("203.0.113.7"), "bl.own.example").lists[0].state ==
        ListState::blocked);
}

TEST_CASE("under the quorum nothing is clean") {
  const auto result =
      ask(world(), *IpAddress::parse("203.0.113.7"), "");  // all default lists, of which one lives
  CHECK(result.queried > 10);
  CHECK(result.answered == 1);
  CHECK(test::find(result.findings, "dnsbl.quorum-missed") != nullptr);
  CHECK(test::find(result.findings, "dnsbl.clean") == nullptr);
}

TEST_CASE("that no list serves a target is no fault of the resolver's") {
  const auto check = [](const checks::DnsblTarget& target, const char* list, const char* id) {
    const auto result = ask(world(), target, list);
    CHECK(result.queried == 0);
    CHECK(test::get(result.findings, id).severity == Severity::unknown);
    CHECK(test::find(result.findings, "dnsbl.quorum-missed") == nullptr);
    CHECK(test::find(result.findings, "dbl.quorum-missed") == nullptr);
  };
  check(*IpAddress::parse("2001:db8::1"), "bl.spamcop.net", "dnsbl.none-asked");
  check(*IpAddress::parse("203.0.113.7"), "dbl.spamhaus.org", "dnsbl.none-asked");
  check(test::raw_name("example.com"), zen, "dbl.none-asked");
}

TEST_CASE("a list of another kind, named beside one that answers, is no fault") {
  checks::DnsblOptions options;
  options.only = {zen, "dbl.spamhaus.org"};
  const auto severity = [&options] {
    const std::function<Task<DnsblResult>(checks::Context)> run = [&](checks::Context context) {
      return checks::check_dnsbl(context, *IpAddress::parse("203.0.113.7"), options);
    };
    const auto result = test::run_check<DnsblResult>(world(), run);
    const auto* skipped = test::find(result.findings, "dnsbl.skipped");
    REQUIRE(skipped != nullptr);
    CHECK(test::find(result.findings, "dnsbl.clean") != nullptr);
    return skipped->severity;
  };
  CHECK(severity() == Severity::info);
  options.only.emplace_back("dnsbl.sorbs.net");  // retired
  CHECK(severity() == Severity::warning);
}

TEST_CASE("a plain list is not called broken while nobody knows whether it lists names instead") {
  const auto state = [](const World& backend) {
    return ask(backend, *IpAddress::parse("203.0.113.7"), "own.example").lists.front().state;
  };
  const auto backend = std::make_shared<MemoryBackend>();
  CHECK(state(backend) == ListState::broken);
  backend->fail("test.own.example", dns::Outcome::timeout);
  CHECK(state(backend) == ListState::error);
}

TEST_CASE("the remaining lists are mentioned only where there are any") {
  auto backend = world();
  backend->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.2");
  backend->add_address("2.0.0.127.list.dnswl.org", "127.0.9.3");
  backend->add_address("7.113.0.203.list.dnswl.org", "127.0.9.3");
  checks::DnsblOptions options;
  options.only = {zen, "list.dnswl.org"};
  const std::function<Task<DnsblResult>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_dnsbl(context, *IpAddress::parse("203.0.113.7"), options);
  };
  const auto result = test::run_check<DnsblResult>(backend, run);
  CHECK(result.answered == 2);
  CHECK(result.listed == 1);
  CHECK(test::find(result.findings, "dnsbl.others-clean") == nullptr);
}

TEST_CASE("addresses are read alike in whatever order they come, and however many") {
  for (const bool error_first : {false, true}) {
    auto backend = world();
    const std::string name = "7.113.0.203.zen.spamhaus.org";
    if (error_first) backend->add_address(name, "127.255.255.254");
    backend->add_address(name, "192.0.2.1");
    if (!error_first) backend->add_address(name, "127.255.255.254");
    CHECK(ask(backend, "203.0.113.7").lists.at(0).state == ListState::blocked);
  }
  auto backend = world();
  for (int i = 0; i < 100; ++i) backend->add_address("8.113.0.203.zen.spamhaus.org", "127.0.0.4");
  backend->add_address("8.113.0.203.zen.spamhaus.org", "192.0.2.1");
  const auto result = ask(backend, "203.0.113.8");
  CHECK(result.lists.at(0).state == ListState::broken);
  CHECK(result.lists.at(0).codes.size() == 64);
}
