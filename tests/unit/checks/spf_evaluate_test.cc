#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "checks/spf.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

using test::MemoryBackend;

SpfEvaluation evaluate(const std::shared_ptr<MemoryBackend>& dns, std::string_view ip,
                       std::string sender, std::string helo = "mail.example.net") {
  SpfRequest request;
  request.ip = IpAddress::parse(ip).value();
  request.sender = std::move(sender);
  request.helo = std::move(helo);
  return test::run_check<SpfEvaluation>(
      dns, [&](Context context) { return evaluate_spf(context, request); });
}

std::shared_ptr<MemoryBackend> world() {
  return std::make_shared<MemoryBackend>();
}

TEST_CASE("the deciding term, its record and the evidence are told") {
  const auto dns = world();
  dns->add("example.com", "v=spf1 include:inner.example ~include:other.example -all");
  dns->add("inner.example", "v=spf1 a:host.example ip4:198.51.100.7 -all");
  dns->add("other.example", "v=spf1 ip4:203.0.113.0/24 -all");
  dns->add_address("host.example", "198.51.100.1");

  const auto soft = evaluate(dns, "203.0.113.9", "user@Example.com");
  CHECK(soft.result == SpfResult::softfail);
  CHECK(soft.mechanism == "~include:other.example");
  CHECK(soft.domain == "Example.com");
  CHECK(soft.lookups == 3);
  // The record and the include that matched; not the include that did not.
  REQUIRE(soft.evidence.size() == 2);
  CHECK(soft.evidence[1].data["name"].as_string() == "other.example");

  std::vector<std::string> lines;
  for (const auto& step : soft.trace)
    lines.push_back(std::to_string(step.depth) + " " + step.domain + " " + step.term + " > " +
                    step.outcome);
  CHECK(lines == std::vector<std::string>{
                     "0 Example.com include:inner.example > no match",
                     "1 inner.example a:host.example > no match",
                     "1 inner.example ip4:198.51.100.7 > no match",
                     "1 inner.example -all > match",
                     "0 Example.com ~include:other.example > match",
                     "1 other.example ip4:203.0.113.0/24 > match",
                 });
  CHECK(soft.trace[0].queries.size() == 1);
  CHECK(soft.trace[1].expanded == "host.example");

  const auto fail = evaluate(dns, "192.0.2.1", "user@example.com");
  CHECK(fail.result == SpfResult::fail);
  CHECK(fail.mechanism == "-all");
}

TEST_CASE("a record in error is not evaluated, however early a term matches") {
  const auto dns = world();
  dns->add("example.com", "v=spf1 +all ip4:192.0.2.300");
  const auto evaluation = evaluate(dns, "192.0.2.1", "user@example.com");
  CHECK(evaluation.result == SpfResult::permerror);
  CHECK(evaluation.problem == SpfProblem{"bad-ip4", "example.com", "ip4:192.0.2.300"});
  CHECK(dns->asked().size() == 1);
}

TEST_CASE("no answer is temperror, whatever kind of failure it is") {
  for (const auto outcome :
       {dns::Outcome::timeout, dns::Outcome::servfail, dns::Outcome::refused,
        dns::Outcome::network_error, dns::Outcome::malformed, dns::Outcome::not_recorded}) {
    const auto dns = world();
    dns->add("example.com", "v=spf1 exists:gone.example mx:mail.example -all");
    dns->add("other.example", "v=spf1 include:gone.example -all");
    dns->fail("gone.example", outcome);
    for (const auto* sender : {"a@example.com", "a@other.example", "a@gone.example"}) {
      const auto evaluation = evaluate(dns, "192.0.2.1", sender);
      CHECK(evaluation.result == SpfResult::temperror);
      CHECK(evaluation.problem.code == "dns-error");
      CHECK(evaluation.evidence.back().data["name"].as_string() == "gone.example");
    }
  }
}

TEST_CASE("the limits are kept to the last term") {
  const auto dns = world();
  dns->add("example.com", "v=spf1 a a a a a a a a a a ip4:192.0.2.1 -all");
  dns->add_address("example.com", "198.51.100.1");
  CHECK(evaluate(dns, "192.0.2.1", "x@example.com").result == SpfResult::pass);
  CHECK(evaluate(dns, "192.0.2.1", "x@example.com").lookups == 10);
  dns->add("eleven.example", "v=spf1 include:example.com a:example.com ip4:192.0.2.1 -all");
  const auto over = evaluate(dns, "192.0.2.2", "x@eleven.example");
  CHECK(over.result == SpfResult::permerror);
  CHECK(over.problem.code == "too-many-lookups");
  CHECK(over.problem.domain == "example.com");

  const auto loop = world();
  loop->add("example.com", "v=spf1 include:example.com -all");
  CHECK(evaluate(loop, "192.0.2.1", "x@example.com").problem.code == "too-many-lookups");
  CHECK(loop->asked().size() == 1);  // the cache answers the others
}

TEST_CASE("empty answers count by the term") {
  const auto dns = world();
  dns->add("example.com", "v=spf1 mx a:gone.example ip4:192.0.2.1 -all");
  for (int i = 0; i < 9; ++i)
    dns->add_mx("example.com", 10, "gone" + std::to_string(i) + ".example");
  const auto evaluation = evaluate(dns, "192.0.2.1", "x@example.com");
  CHECK(evaluation.result == SpfResult::pass);
  CHECK(evaluation.void_lookups == 2);
  CHECK(evaluation.void_queries == 10);
  CHECK(evaluation.strict_permerror);

  dns->add("three.example",
           "v=spf1 a:g1.example exists:g2.example mx:g3.example ip4:192.0.2.1 -all");
  const auto three = evaluate(dns, "192.0.2.1", "x@three.example");
  CHECK(three.problem == SpfProblem{"too-many-void-lookups", "three.example", "mx:g3.example"});
  CHECK_FALSE(three.strict_permerror);
}

TEST_CASE("both readings are told where only IPv6 clients see empty answers") {
  const auto dns = world();
  dns->add("example.com",
           "v=spf1 a:one.example a:two.example a:three.example ip6:2001:db8::/32 -all");
  for (const auto* host : {"one.example", "two.example", "three.example"})
    dns->add_address(host, "192.0.2.1");
  const auto six = evaluate(dns, "2001:db8::1", "x@example.com");
  CHECK(six.result == SpfResult::permerror);
  CHECK(six.lenient_result == SpfResult::pass);
  const auto four = evaluate(dns, "192.0.2.9", "x@example.com");
  CHECK(four.result == SpfResult::fail);
  CHECK_FALSE(four.lenient_result.has_value());
  // Names that have no address at all are empty in both readings.
  dns->add("void.example", "v=spf1 a:g1.example a:g2.example a:g3.example ip6:2001:db8::/32 -all");
  CHECK_FALSE(evaluate(dns, "2001:db8::1", "x@void.example").lenient_result.has_value());
}

TEST_CASE("terms with a UTF-8 local-part match nothing (RFC 8616)") {
  const auto dns = world();
  dns->add("example.com", "v=spf1 exists:%{l}.ok.example ip4:192.0.2.1 -all exp=why.example");
  dns->add_address("\xec\x9d\xb4.ok.example", "127.0.0.2");
  dns->add("why.example", "%{l} may not");
  const auto pass = evaluate(dns, "192.0.2.1", "\xec\x9d\xb4@example.com");
  CHECK(pass.result == SpfResult::pass);
  CHECK(pass.mechanism == "ip4:192.0.2.1");
  const auto fail = evaluate(dns, "192.0.2.2", "\xec\x9d\xb4@example.com");
  CHECK(fail.result == SpfResult::fail);
  CHECK(fail.explanation.empty());
}

TEST_CASE("a sender's internationalised domain is asked for as A-labels") {
  const auto dns = world();
  dns->add("xn--bcher-kva.example", "v=spf1 exists:%{o}.ok.example -all");
  dns->add_address("xn--bcher-kva.example.ok.example", "127.0.0.2");
  CHECK(evaluate(dns, "192.0.2.1",
                 "x@b\xc3\xbc"
                 "cher.example")
            .result == SpfResult::pass);
}

TEST_CASE("what is no domain is not asked for") {
  for (const auto* sender :
       {"x@localhost", "x@[192.0.2.1]", "x@192.0.2.1", "x@a..b", "x@\xff.example"}) {
    const auto dns = world();
    const auto evaluation = evaluate(dns, "192.0.2.1", sender);
    CHECK(evaluation.result == SpfResult::none);
    CHECK(evaluation.problem.code == "bad-identity");
    CHECK(dns->asked().empty());
  }
  CHECK(evaluate(world(), "192.0.2.1", "x@" + std::string(100000, 'a') + ".example").result ==
        SpfResult::none);
}

TEST_CASE("a hostile record costs bounded questions and memory") {
  const auto dns = world();
  std::string terms;
  for (int i = 0; i < 3000; ++i) terms += " ip4:198.51.100." + std::to_string(i % 250);
  dns->add("example.com", "v=spf1" + terms + " mx ptr exists:%{p}.x.example -all exp=%{p}.example");
  for (int i = 0; i < 10; ++i) dns->add_mx("example.com", 10, "m" + std::to_string(i) + ".example");
  for (int i = 0; i < 300; ++i)
    dns->add(test::raw_name("1.2.0.192.in-addr.arpa"), dns::RecordType::ptr,
             dns::NameData{test::raw_name("p" + std::to_string(i) + ".example.com")});
  for (int i = 0; i < 10; ++i) {
    dns->add_address("m" + std::to_string(i) + ".example", "203.0.113.1");
    dns->add_address("p" + std::to_string(i) + ".example.com", "203.0.113.2");
  }
  const auto evaluation = evaluate(dns, "192.0.2.1", "x@example.com");
  CHECK(evaluation.result == SpfResult::fail);
  CHECK(evaluation.trace.size() == 500);
  CHECK(dns->asked().size() < 40);
}

TEST_CASE("an explanation is one printable TXT record, and only for a fail") {
  const auto dns = world();
  dns->add("example.com", "v=spf1 ?ip4:192.0.2.2 -all exp=why.example");
  dns->add("why.example", "%{i} is not ours, says %{d}.");
  CHECK(evaluate(dns, "192.0.2.1", "x@example.com").explanation ==
        "192.0.2.1 is not ours, says example.com.");
  CHECK(evaluate(dns, "192.0.2.2", "x@example.com").explanation.empty());
  const auto asked = dns->asked();
  CHECK(std::count(asked.begin(), asked.end(), "why.example TXT") == 1);
}

}  // namespace
}  // namespace maildiag::checks
