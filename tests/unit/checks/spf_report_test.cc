#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "checks/spf.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

using test::MemoryBackend;

SpfReport check(const std::shared_ptr<MemoryBackend>& dns, std::string_view ip,
                std::string sender) {
  SpfRequest request;
  request.ip = IpAddress::parse(ip).value();
  request.sender = std::move(sender);
  request.helo = "mail.example.net";
  auto report =
      test::run_check<SpfReport>(dns, [&](Context context) { return check_spf(context, request); });
  REQUIRE_FALSE(report.findings.empty());
  for (const auto& finding : report.findings) CHECK(test::text_fault(finding) == "");
  return report;
}

std::shared_ptr<MemoryBackend> world() {
  auto dns = std::make_shared<MemoryBackend>();
  dns->add("example.com",
           "v=spf1 ip4:192.0.2.1 ~ip4:192.0.2.2 ?ip4:192.0.2.3 include:inner.example -all");
  dns->add("inner.example", "v=spf1 exists:%{i}.x.example -all");
  dns->fail("192.0.2.4.x.example", dns::Outcome::timeout);
  dns->add("broken.example", "v=spf1 ip4:192.0.2.1 ipv4:192.0.2.2 -all");
  dns->add("twice.example", "v=spf1 -all");
  dns->add("twice.example", "v=spf1 mx -all");
  return dns;
}

TEST_CASE("each result has its finding and severity") {
  const auto dns = world();
  const auto first = [&](std::string_view ip, std::string sender) {
    const auto report = check(dns, ip, std::move(sender));
    return report.findings[0].id + " " + std::string(to_string(report.findings[0].severity));
  };
  CHECK(first("192.0.2.1", "x@example.com") == "spf.pass ok");
  CHECK(first("192.0.2.2", "x@example.com") == "spf.softfail warning");
  CHECK(first("192.0.2.3", "x@example.com") == "spf.neutral info");
  CHECK(first("192.0.2.4", "x@example.com") == "spf.temperror unknown");
  CHECK(first("192.0.2.5", "x@example.com") == "spf.fail critical");
  CHECK(first("192.0.2.1", "x@broken.example") == "spf.permerror critical");
  CHECK(first("192.0.2.1", "x@twice.example") == "spf.permerror critical");
  CHECK(first("192.0.2.1", "x@nowhere.example") == "spf.no-domain warning");
  dns->add("there.example", "no record");
  CHECK(first("192.0.2.1", "x@there.example") == "spf.none warning");
  dns->add(test::raw_name("www.example"), dns::RecordType::cname,
           dns::NameData{test::raw_name("gone.example")});
  CHECK(first("192.0.2.1", "x@www.example") == "spf.dangling-alias warning");
  CHECK(check(dns, "192.0.2.1", "x@www.example").findings[0].data["target"].as_string() ==
        "gone.example");
  CHECK(first("192.0.2.1", "x@localhost") == "spf.bad-identity warning");
}

TEST_CASE("a fail says what to publish, and that passes") {
  const auto dns = world();
  const auto report = check(dns, "192.0.2.5", "x@example.com");
  const auto& data = report.findings[0].data;
  CHECK(data["ip"].as_string() == "192.0.2.5");
  CHECK(data["domain"].as_string() == "example.com");
  CHECK(data["mechanism"].as_string() == "-all");
  const auto suggestion = data["suggestion"].as_string();
  CHECK(suggestion ==
        "v=spf1 ip4:192.0.2.1 ip4:192.0.2.5 ~ip4:192.0.2.2 ?ip4:192.0.2.3 include:inner.example "
        "-all");
  const auto mended = std::make_shared<MemoryBackend>();
  mended->add("example.com", suggestion);
  CHECK(check(mended, "192.0.2.5", "x@example.com").findings[0].id == "spf.pass");
  CHECK(check(dns, "192.0.2.1", "x@nowhere.example").findings[0].data["suggestion"].as_string() ==
        "v=spf1 ip4:192.0.2.1 ~all");
}

TEST_CASE("an error's reason is a finding of its own") {
  const auto dns = world();
  const auto broken = check(dns, "192.0.2.1", "x@broken.example");
  CHECK(broken.findings[0].data["problem"].as_string() == "unknown-mechanism");
  CHECK(broken.findings[0].data.find("suggestion") == nullptr);
  REQUIRE(broken.findings.size() == 2);
  CHECK(broken.findings[1].id == "spf.unknown-mechanism");
  CHECK(broken.findings[1].data["term"].as_string() == "ipv4:192.0.2.2");
  const auto slow = check(dns, "192.0.2.4", "x@example.com");
  REQUIRE(slow.findings.size() == 2);
  CHECK(slow.findings[1].id == "spf.dns-error");
  CHECK(slow.findings[1].severity == Severity::unknown);
  CHECK(slow.findings[1].data["target"].as_string() == "192.0.2.4.x.example");
}

TEST_CASE("every way to permerror is worded") {
  const auto dns = world();
  const std::pair<const char*, const char*> cases[] = {
      {"v=spf1 include:nowhere.example -all", "spf.include-without-record"},
      {"v=spf1 redirect=nowhere.example", "spf.redirect-without-record"},
      {"v=spf1 a:g1.example a:g2.example a:g3.example -all", "spf.too-many-void-lookups"},
      {"v=spf1 include:c.example -all", "spf.too-many-lookups"},
      {"v=spf1 mx -all", "spf.too-many-mx"},
  };
  for (int i = 0; i < 11; ++i) dns->add_mx("c.example", 10, "m.example");
  for (const auto& [record, id] : cases) {
    auto each = std::make_shared<MemoryBackend>(*dns);
    each->add("c.example", record);
    const auto report = check(each, "203.0.113.1", "x@c.example");
    REQUIRE(report.findings.size() == 2);
    CHECK(report.findings[0].id == "spf.permerror");
    CHECK(report.findings[1].id == id);
  }
}

TEST_CASE("the two readings of the void limit are told") {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("six.example", "v=spf1 a:h.example a:h.example a:h.example ip6:2001:db8::/32 -all");
  dns->add_address("h.example", "192.0.2.1");
  const auto six = check(dns, "2001:db8::1", "x@six.example");
  CHECK(test::get(six.findings, "spf.void-reading-lenient").data["other_result"].as_string() ==
        "pass");
  dns->add("mx.example", "v=spf1 mx -all");
  for (int i = 0; i < 3; ++i) dns->add_mx("mx.example", 10, "g" + std::to_string(i) + ".example");
  const auto strict = check(dns, "192.0.2.1", "x@mx.example");
  CHECK(test::get(strict.findings, "spf.void-reading-strict").data["void_queries"].as_integer() ==
        3);
}

TEST_CASE("the value has what the manual promises, and shows hostile octets as text") {
  const auto dns = world();
  dns->add("evil.example", "v=spf1 a:\x1b[31m.example\xff -all");
  const auto value = check(dns, "192.0.2.5", "x@example.com").to_value();
  CHECK(value["result"].as_string() == "fail");
  CHECK(value["mechanism"].as_string() == "-all");
  CHECK(value["domain"].as_string() == "example.com");
  CHECK(value["lookups"].as_integer() == 2);
  CHECK(value["void_lookups"].as_integer() == 1);
  CHECK(value["explanation"].as_string().empty());
  const auto& step = value["trace"].as_array().at(4);
  CHECK(step["depth"].as_integer() == 1);
  CHECK(step["expanded"].as_string() == "192.0.2.5.x.example");
  CHECK(step["queries"].as_array().at(0)["outcome"].as_string() == "nxdomain");
  const auto evil = check(dns, "192.0.2.5", "x@evil.example");
  CHECK(evil.findings[1].id == "spf.bad-character");
  CHECK(evil.findings[1].data["term"].as_string() == "a:\\x1b[31m.example\\xff");
  CHECK(evil.to_value()["problem"]["code"].as_string() == "bad-character");
  CHECK(evil.to_value()["record"].as_string() == "v=spf1 a:\\x1b[31m.example\\xff -all");
}

}  // namespace
}  // namespace maildiag::checks
