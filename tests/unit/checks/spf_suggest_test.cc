#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "checks/spf.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

std::string suggest(std::string_view record, std::string_view ip) {
  const auto suggestion = suggest_spf(record, IpAddress::parse(ip).value());
  return suggestion ? suggestion->record : "(none)";
}

TEST_CASE("one more address stands before the first term that could refuse it") {
  CHECK(suggest("v=spf1 mx -all", "192.0.2.1") == "v=spf1 mx ip4:192.0.2.1 -all");
  CHECK(suggest("v=spf1 mx -ip4:192.0.2.0/24 a ~all", "192.0.2.1") ==
        "v=spf1 mx ip4:192.0.2.1 -ip4:192.0.2.0/24 a ~all");
  CHECK(suggest("v=spf1 mx redirect=example.org", "192.0.2.1") ==
        "v=spf1 mx ip4:192.0.2.1 redirect=example.org");
  CHECK(suggest("v=spf1", "192.0.2.1") == "v=spf1 ip4:192.0.2.1");
  CHECK(suggest("v=spf1 -all exp=why.example", "2001:db8::1") ==
        "v=spf1 ip6:2001:db8::1 -all exp=why.example");
  CHECK(suggest("v=spf1 mx -all", "::ffff:192.0.2.1") == "v=spf1 mx ip4:192.0.2.1 -all");
}

TEST_CASE("two neighbours become a range of two, and nothing wider") {
  CHECK(suggest("v=spf1 ip4:192.0.2.6 -all", "192.0.2.7") == "v=spf1 ip4:192.0.2.6/31 -all");
  CHECK(suggest("v=spf1 ip4:192.0.2.7 -all", "192.0.2.8") ==
        "v=spf1 ip4:192.0.2.7 ip4:192.0.2.8 -all");
  CHECK(suggest("v=spf1 ip6:2001:db8::2 -all", "2001:db8::3") == "v=spf1 ip6:2001:db8::2/127 -all");
  // Behind a refusal it would not help.
  CHECK(suggest("v=spf1 -a ip4:192.0.2.6 -all", "192.0.2.7") ==
        "v=spf1 ip4:192.0.2.7 -a ip4:192.0.2.6 -all");
  CHECK(suggest_spf("v=spf1 ip4:192.0.2.6 -all", IpAddress::parse("192.0.2.7").value())->octets ==
        3);
}

TEST_CASE("what is authorised stays as it is, what is broken is not touched") {
  const auto same =
      suggest_spf("v=spf1  ip4:192.0.2.0/24 -all", IpAddress::parse("192.0.2.1").value());
  CHECK(same->record == "v=spf1  ip4:192.0.2.0/24 -all");
  CHECK(same->octets == 0);
  CHECK(suggest("v=spf1 ip4:192.0.2 -all", "192.0.2.1") == "(none)");
  CHECK(suggest("some text", "192.0.2.1") == "(none)");
  CHECK(suggest("", "192.0.2.1") == "v=spf1 ip4:192.0.2.1 ~all");
}

TEST_CASE("advice looks at what is published first") {
  const auto dns = std::make_shared<test::MemoryBackend>();
  dns->add("example.com", "v=spf1 include:inner.example -all");
  dns->add("inner.example", "v=spf1 ip4:192.0.2.1 ?all");
  dns->add("broken.example", "v=spf1 ipv4:192.0.2.1 -all");
  dns->fail("silent.example", dns::Outcome::timeout);
  const auto advise = [&](std::string_view domain) {
    const auto advice = test::run_check<SpfAdvice>(dns, [&](Context context) {
      return advise_spf(context, DomainName::parse(domain).value(),
                        IpAddress::parse("192.0.2.1").value());
    });
    CHECK(test::text_fault(advice.finding) == "");
    return advice;
  };
  // Permitted by an include: nothing changes.
  const auto permitted = advise("example.com");
  CHECK(permitted.finding.id == "spf.suggest-permitted");
  CHECK(permitted.suggestion->record == "v=spf1 include:inner.example -all");
  CHECK(permitted.suggestion->octets == 0);
  const auto fresh = advise("absent.example");
  CHECK(fresh.finding.id == "spf.suggest-term");
  CHECK(fresh.suggestion->record == "v=spf1 ip4:192.0.2.1 ~all");
  const auto broken = advise("broken.example");
  CHECK(broken.finding.id == "spf.suggest-after-correction");
  CHECK_FALSE(broken.suggestion);
  // No answer is no empty zone: a record made up from nothing would lock the other servers out.
  const auto silent = advise("silent.example");
  CHECK(silent.finding.id == "spf.suggest-unknown");
  CHECK(silent.finding.severity == Severity::unknown);
  CHECK_FALSE(silent.suggestion);
}

}  // namespace
}  // namespace maildiag::checks
