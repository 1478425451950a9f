// What each check of a cause is good for: worlds in which only this check shows the cause, or shows
// that it is not so.
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "diagnose/diagnose.h"
#include "support/auth_world.h"
#include "support/fake_network.h"
#include "support/smtp_talks.h"
#include "unit/diagnose/shipped_verdicts.h"

using namespace maildiag;
using diagnose::Diagnosis;
using test::MemoryBackend;

namespace {

struct World {
  std::shared_ptr<MemoryBackend> dns = std::make_shared<MemoryBackend>();
  test::FakeNetwork network;
  diagnose::Subject subject;
};

std::shared_ptr<const bounce::ReturnedMessage> returned(const std::string& message) {
  bounce::ReturnedMessage result;
  result.raw = message;
  result.size = message.size();
  result.from_domain = "example.com";
  return std::make_shared<const bounce::ReturnedMessage>(std::move(result));
}

void add_pointer(World& world, std::string_view name) {
  world.dns->add(test::raw_name("7.113.0.203.in-addr.arpa"), dns::RecordType::ptr,
                 dns::NameData{test::raw_name(name)});
  world.dns->add_address(name, "203.0.113.7");
}

/// The lists that are asked by default answer, so that they may say "not listed" (RFC 5782).
void add_lists(World& world) {
  for (const auto& list : test::shipped_rulebook().lists()) {
    if (!list.enabled || list.test_listed.empty()) continue;
    const auto ip = IpAddress::parse(list.test_listed);
    const auto entry = ip ? ip->reversed() : std::string(list.test_listed);
    world.dns->add_address(entry + "." + std::string(list.zone), ip ? "127.0.0.2" : "127.0.1.2");
  }
}

/// Of example.com, where alice@ writes to example.net.
World anywhere() {
  World world;
  add_lists(world);
  auto& subject = world.subject;
  subject.ip = IpAddress::parse("203.0.113.7");
  subject.helo = "mail.example.com";
  subject.sender = "alice@example.com";
  subject.sender_domain = subject.author_domain = subject.listed_domain =
      DomainName::parse("example.com").value();
  subject.recipient_domain = DomainName::parse("example.net").value();
  subject.remote_host = "mx.example.net";
  subject.time = std::chrono::system_clock::from_time_t(test::dkim_now);
  subject.returned = returned(test::signed_message());
  world.network.on_talk = [](const net::SmtpRequest&) { return test::plain_talk(); };
  return world;
}

void add_receiver(World& world) {
  world.dns->add_mx("example.net", 10, "mx.example.net");
  world.dns->add_address("mx.example.net", "203.0.113.77");
}

void add_sender(World& world) {
  world.dns->add("s1._domainkey.example.com", test::DkimSigner::usual().record());
  world.dns->add("example.com", "v=spf1 ip4:203.0.113.7 -all");
  world.dns->add("_dmarc.example.com", "v=DMARC1; p=reject");
  world.dns->add_mx("example.com", 10, "mail.example.com");
}

World good() {
  auto world = anywhere();
  add_sender(world);
  add_pointer(world, "mail.example.com");
  add_receiver(world);
  return world;
}

World bad_sender() {
  auto world = anywhere();
  add_receiver(world);
  world.dns->add("example.com", "v=spf1 -all");
  world.dns->add("_dmarc.example.com", "v=DMARC1; p=reject");
  world.dns->add_mx("example.com", 0, "");
  world.dns->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.2");
  world.dns->add_address("example.com.dbl.spamhaus.org", "127.0.1.2");
  return world;
}

World unproven() {
  auto world = anywhere();
  add_pointer(world, "mail.example.com");
  world.subject.returned = returned(std::string(test::dkim_message));
  return world;
}

World dynamic() {
  auto world = anywhere();
  add_sender(world);
  add_pointer(world, "dynamic-203-0-113-7.isp.example");
  return world;
}

World policy_listed() {
  auto world = good();
  world.dns->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.10");
  return world;
}

World silent_sender() {
  auto world = anywhere();
  add_receiver(world);
  world.dns->fail("example.com", dns::Outcome::timeout);
  return world;
}

World refusing() {
  auto world = good();
  world.subject.remote_host = "relay.example.org";
  world.dns->add_address("relay.example.org", "198.51.100.9");
  world.network.on_talk = [](const net::SmtpRequest&) {
    return test::failed_talk(net::SmtpStage::connect, net::Fault::refused);
  };
  return world;
}

World lame() {
  auto world = good();
  const auto serve = [&world](std::string_view zone, std::string_view host, const char* address) {
    world.dns->add(test::raw_name(zone), dns::RecordType::ns, dns::NameData{test::raw_name(host)});
    world.dns->add_address(host, address);
  };
  serve("net", "a.gtld.example", "12.13.14.1");
  serve("example.net", "ns1.example.net", "5.6.7.1");
  world.network.on_ask = [](const net::NameServerRequest&) {
    net::NameServerReply answer;
    answer.reply.rcode = 5;
    answer.reply.outcome = dns::Outcome::refused;
    return answer;
  };
  return world;
}

World busy() {
  auto world = good();
  world.network.on_talk = [](const net::SmtpRequest&) {
    auto talk = test::plain_talk();
    talk.greeting = test::smtp_reply(421, {"4.7.0 Error: too many connections from you"});
    return talk;
  };
  return world;
}

World small() {
  auto world = good();
  world.network.on_talk = [](const net::SmtpRequest&) {
    auto talk = test::plain_talk();
    talk.ehlo.lines = {"mx.example.net", "SIZE 100"};
    return talk;
  };
  return world;
}

World no_mail() {
  auto world = anywhere();
  add_sender(world);
  add_pointer(world, "mail.example.com");
  world.dns->add_mx("example.net", 0, "");
  return world;
}

const std::map<std::string, World (*)()>& worlds() {
  static const std::map<std::string, World (*)()> known{
      {"good", good},
      {"bad-sender", bad_sender},
      {"unproven", unproven},
      {"dynamic", dynamic},
      {"policy-listed", policy_listed},
      {"silent-sender", silent_sender},
      {"refusing", refusing},
      {"busy", busy},
      {"small", small},
      {"no-mail", no_mail},
      {"lame", lame},
  };
  return known;
}

Diagnosis investigate(World world, const rulebook::Cause& cause) {
  diagnose::Classification classification;
  classification.cause = &cause;
  const std::function<Task<Diagnosis>(checks::Context)> work = [&](checks::Context context) {
    return diagnose::investigate(context, classification, world.subject);
  };
  return test::run_check<Diagnosis>(world.dns, work, &world.network);
}

/// What investigate() adds to causes that are not confirmed; "ptr" looks at the HELO name, too.
bool runs_in_any_case(std::string_view check) {
  return check == "ptr" || check == "helo" || check == "sender-domain" || check == "spf" ||
         check == "dnsbl-ip";
}

}  // namespace

TEST_CASE("without a check its cause is decided otherwise, or less is shown") {
  for (const auto& row : test::table_rows("cause_checks.tsv")) {
    REQUIRE(row.size() == 5);
    const auto &check = row[1], &world = row[2];
    CAPTURE(row[0]);
    CAPTURE(check);
    CAPTURE(world);
    const auto* cause = test::shipped_rulebook().cause(row[0]);
    REQUIRE(cause != nullptr);
    if (world == "-") {
      CHECK(runs_in_any_case(check));
      CHECK(cause->confirmed_by.empty());
      CHECK(cause->confirmed_when_named.empty());
      CHECK(cause->refuted_by.empty());
      CHECK(cause->inconclusive_by.empty());
      continue;
    }
    auto less = *cause;
    std::vector<std::string_view> others;
    for (const auto each : cause->checks) {
      if (each != check) others.push_back(each);
    }
    less.checks = others;
    const auto with = investigate(worlds().at(world)(), *cause);
    const auto without = investigate(worlds().at(world)(), less);
    if (row[4] != "-") {
      CHECK(to_string(with.verdict) == row[3]);
      CHECK(to_string(without.verdict) == row[4]);
      CHECK(row[3] != row[4]);
    } else {
      CHECK(test::find(with.findings, row[3]) != nullptr);
      CHECK(test::find(without.findings, row[3]) == nullptr);
    }
  }
}

TEST_CASE("an address that a list of lists has for two reasons is refused for either") {
  for (const char* id : {"dynamic-ip-listed", "dnsbl-listed"}) {
    CAPTURE(id);
    auto world = policy_listed();
    world.dns->add_address("7.113.0.203.zen.spamhaus.org", "127.0.0.4");
    const auto* cause = test::shipped_rulebook().cause(id);
    REQUIRE(cause != nullptr);
    const auto diagnosis = investigate(std::move(world), *cause);
    CHECK(diagnosis.verdict == diagnose::Verdict::confirmed);
  }
}
