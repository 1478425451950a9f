#include "checks/receiver.h"

#include <memory>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"
#include "support/smtp_talks.h"

using namespace maildiag;
using checks::ReceiverRequest;
using net::Fault;
using net::SmtpStage;
using test::failed_talk;
using test::plain_talk;
using test::smtp_reply;

namespace {

using Findings = std::vector<Finding>;

std::shared_ptr<test::MemoryBackend> world() {
  auto backend = std::make_shared<test::MemoryBackend>();
  backend->add_mx("example.com", 10, "mx1.example.com");
  backend->add_mx("example.com", 20, "mx2.example.com");
  backend->add_address("mx1.example.com", "203.0.113.1");
  backend->add_address("mx2.example.com", "203.0.113.2");
  backend->add_address("alias.example.net", "203.0.113.2");
  backend->add_address("smtp.isp.example", "198.51.100.1");
  return backend;
}

ReceiverRequest request(const std::string& host = "", std::uint64_t octets = 0) {
  ReceiverRequest wanted;
  wanted.domain = *DomainName::parse("example.com");
  wanted.remote_host = host;
  wanted.message_octets = octets;
  return wanted;
}

Findings route(const ReceiverRequest& wanted) {
  const std::function<Task<Findings>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_route(context, wanted);
  };
  return test::run_check<Findings>(world(), run);
}

Findings receiver(const ReceiverRequest& wanted,
                  const std::function<net::SmtpTalk(const net::SmtpRequest&)>& talk) {
  test::FakeNetwork network;
  network.on_talk = talk;
  const std::function<Task<Findings>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_receiver(context, wanted);
  };
  auto findings = test::run_check<Findings>(world(), run, &network);
  for (const auto& finding : findings) CHECK(test::text_fault(finding) == "");
  return findings;
}

const Finding* find(const Findings& findings, std::string_view id) {
  for (const auto& finding : findings) {
    if (finding.id == id) return &finding;
  }
  return nullptr;
}

/// The only finding of this area.
std::string only(const Findings& findings, std::string_view area) {
  std::string id;
  for (const auto& finding : findings) {
    if (finding.id.rfind(area, 0) == 0) id += (id.empty() ? "" : " ") + finding.id;
  }
  return id;
}

}  // namespace

TEST_CASE("the host that replied is an exchanger by its name, an alias or its address") {
  for (const auto* host : {"mx1.example.com", "MX2.Example.COM", "alias.example.net"}) {
    CAPTURE(std::string(host));
    const auto findings = route(request(host));
    REQUIRE(findings.size() == 1);
    CHECK(findings.front().id == "route.is-mx");
    CHECK(test::text_fault(findings.front()) == "");
  }
  auto by_address = request("[203.0.113.2]");
  by_address.remote_ip = IpAddress::parse("203.0.113.2");
  CHECK(route(by_address).front().id == "route.is-mx");
}

TEST_CASE("another host is none, and nobody is nothing") {
  const auto findings = route(request("smtp.isp.example"));
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().id == "route.not-an-mx");
  CHECK(findings.front().severity == Severity::critical);
  CHECK(test::text_fault(findings.front()) == "");
  CHECK(route(request()).empty());
}

TEST_CASE("an address alone shows no stranger, and its reverse name an exchanger") {
  auto backend = world();
  backend->add(test::raw_name("77.113.0.203.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("mx1.example.com")});
  const std::function<std::string(const char*, const char*)> id = [&](const char* host,
                                                                      const char* ip) {
    auto wanted = request(host);
    wanted.remote_ip = IpAddress::parse(ip);
    const std::function<Task<Findings>(checks::Context)> run = [&](checks::Context context) {
      return checks::check_route(context, wanted);
    };
    const auto findings = test::run_check<Findings>(backend, run);
    CHECK(test::text_fault(findings.front()) == "");
    return findings.front().id;
  };
  for (const char* host : {"", "203.0.113.77", "[203.0.113.77]"}) {
    CAPTURE(host);
    CHECK(id(host, "203.0.113.77") == "route.is-mx");
  }
  CHECK(id("203.0.113.78", "203.0.113.78") == "route.undecided");
  CHECK(id("smtp.isp.example", "203.0.113.78") == "route.not-an-mx");
  // Behind a balancer, either of both may be an exchanger's.
  CHECK(id("alias.example.net", "203.0.113.78") == "route.is-mx");
  CHECK(id("smtp.isp.example", "203.0.113.77") == "route.is-mx");
  CHECK(id("smtp.isp.example", "203.0.113.2") == "route.is-mx");
  // A name of the inside, as some greet with it, is no name of a stranger.
  CHECK(id("node7.corp.example", "203.0.113.78") == "route.undecided");
  backend->add_address("node8.corp.example", "10.0.0.7");
  CHECK(id("node8.corp.example", "203.0.113.78") == "route.undecided");
  backend->add_address("node8.corp.example", "198.51.100.1");
  CHECK(id("node8.corp.example", "203.0.113.78") == "route.undecided");
  backend->fail("79.113.0.203.in-addr.arpa", dns::Outcome::servfail);
  CHECK(id("smtp.isp.example", "203.0.113.79") == "route.unknown");
}

TEST_CASE("a name that leads nowhere is not who was talked to") {
  const auto findings = route(request("node7.corp.example"));
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().id == "route.undecided");
  CHECK(findings.front().severity == Severity::info);
  CHECK(test::text_fault(findings.front()) == "");
}

TEST_CASE("a greeting's name of the receiver's own site is no stranger's") {
  auto backend = world();
  backend->add_address("ex01.example.com", "198.51.100.80");
  backend->add_mx("hosted.example", 10, "mx.filter.example.org");
  backend->add_address("mx.filter.example.org", "203.0.113.9");
  backend->add_address("node3.example.org", "203.0.113.10");
  const auto id = [&](const char* domain, const char* host, const char* ip, bool greeted = true) {
    auto wanted = request(host);
    wanted.domain = *DomainName::parse(domain);
    wanted.remote_ip = IpAddress::parse(ip);
    wanted.greeted = greeted;
    const std::function<Task<Findings>(checks::Context)> run = [&](checks::Context context) {
      return checks::check_route(context, wanted);
    };
    return test::run_check<Findings>(backend, run).front().id;
  };
  CHECK(id("example.com", "ex01.example.com", "") == "route.undecided");
  CHECK(id("hosted.example", "node3.example.org", "") == "route.undecided");
  CHECK(id("hosted.example", "smtp.isp.example", "") == "route.not-an-mx");
  // Who writes the name that was looked up still uses a server that the domain has left.
  CHECK(id("example.com", "ex01.example.com", "", false) == "route.not-an-mx");
  CHECK(id("hosted.example", "node3.example.org", "", false) == "route.not-an-mx");
  CHECK(id("example.com", "mx2.example.com", "", false) == "route.is-mx");
  // An address says who was talked to, whatever the name.
  CHECK(id("example.com", "ex01.example.com", "198.51.100.80") == "route.not-an-mx");
}

TEST_CASE("what DNS does not answer stays unknown") {
  auto backend = world();
  backend->fail("mx2.example.com", dns::Outcome::timeout);
  const auto wanted = request("smtp.isp.example");
  const std::function<Task<Findings>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_route(context, wanted);
  };
  const auto findings = test::run_check<Findings>(backend, run);
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().id == "route.unknown");
  CHECK(findings.front().severity == Severity::unknown);
}

TEST_CASE("servers are asked on public addresses only, and one that is ready is enough") {
  std::set<std::string> asked;
  const auto findings = receiver(request(), [&](const net::SmtpRequest& one) {
    CHECK(one.reach == net::Reach::public_only);
    CHECK(!one.relay);
    asked.insert(one.host);
    return one.host == "mx1.example.com" ? failed_talk(SmtpStage::connect, Fault::refused)
                                         : plain_talk();
  });
  CHECK(asked.size() == 2);
  CHECK(only(findings, "receiver.") == "receiver.ready receiver.size-limit");
  CHECK(find(findings, "smtp.refused") != nullptr);
}

TEST_CASE("nobody there, nobody willing, nobody known") {
  CHECK(only(receiver(request(),
                      [](const net::SmtpRequest&) {
                        return failed_talk(SmtpStage::connect, Fault::refused);
                      }),
             "receiver.") == "receiver.no-service");
  CHECK(only(receiver(request(),
                      [](const net::SmtpRequest& one) {
                        return failed_talk(SmtpStage::connect, one.host == "mx1.example.com"
                                                                   ? Fault::refused
                                                                   : Fault::timeout);
                      }),
             "receiver.") == "receiver.no-answer");
  auto hidden = world();
  hidden->fail("mx2.example.com", dns::Outcome::timeout);
  test::FakeNetwork network;
  network.on_talk = [](const net::SmtpRequest&) {
    return failed_talk(SmtpStage::connect, Fault::refused);
  };
  const std::function<Task<Findings>(checks::Context)> run = [](checks::Context context) {
    return checks::check_receiver(context, request());
  };
  CHECK(only(test::run_check<Findings>(hidden, run, &network), "receiver.") ==
        "receiver.no-answer");
  const auto turned = receiver(request(), [](const net::SmtpRequest&) {
    auto talk = plain_talk();
    talk.greeting = smtp_reply(554, {"5.7.1 No SMTP service here"});
    return talk;
  });
  CHECK(only(turned, "receiver.") == "receiver.turns-away");
  const auto many = receiver(request(), [](const net::SmtpRequest&) {
    auto talk = plain_talk();
    talk.greeting = smtp_reply(421, {"4.7.0 mx1.example.com Error: too many connections from you"});
    return talk;
  });
  CHECK(only(many, "receiver.") == "receiver.too-many-connections");
}

TEST_CASE("a network that must not be used says nothing") {
  CHECK(receiver(request(), nullptr).empty());
}

TEST_CASE("the message against the smallest limit") {
  const auto talk = [](const net::SmtpRequest& one) {
    auto answer = plain_talk();
    if (one.host == "mx2.example.com") answer.ehlo.lines = {"mx2", "SIZE 1000"};
    return answer;
  };
  const auto exceeded = receiver(request("", 1500), talk);
  const auto* finding = find(exceeded, "receiver.size-exceeded");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::critical);
  CHECK(finding->data["over"].to_text() == "500");
  CHECK(find(receiver(request("", 1000), talk), "receiver.size-fits") != nullptr);
  CHECK(find(receiver(request("", 0), talk), "receiver.size-limit") != nullptr);
  const auto none = receiver(request("", 1500), [](const net::SmtpRequest&) {
    auto answer = plain_talk();
    answer.ehlo.lines = {"mail.example.com", "PIPELINING"};
    return answer;
  });
  CHECK(find(none, "receiver.size-not-announced") != nullptr);
}
