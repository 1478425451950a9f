#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "checks/spf.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

/// Hosts a, b and c have an IPv4 address only, six.example an IPv6 address only.
class World {
 public:
  World() {
    for (const char* name : {"a.example", "b.example", "c.example"})
      dns->add_address(name, "8.8.8.8");
    dns->add_address("six.example", "2a00::1");
    dns->add_mx("mail.example", 10, "a.example");
    dns->add("include.example", "v=spf1 ip6:2a00::/48 -all");
  }

  /// Nobody answers for these names' AAAA records.
  void silence(std::initializer_list<const char*> names) {
    for (const auto* name : names) dns->silence(test::raw_name(name), {{dns::RecordType::aaaa}});
  }

  SpfReport lint(std::string_view record) {
    const auto domain = "r" + std::to_string(++records_) + ".example";
    dns->add(domain, record);
    auto report = test::run_check<SpfReport>(
        dns, [&](Context context) { return lint_spf(context, test::raw_name(domain)); });
    for (const auto& finding : report.findings) CHECK(test::text_fault(finding) == "");
    return report;
  }

  /// The severity of one finding; "-": it is not told.
  std::string severity_of(std::string_view record, std::string_view id = "ipv6-void-lookups") {
    const auto report = lint(record);
    const auto* finding = test::find(report.findings, "spf." + std::string(id));
    return finding == nullptr ? std::string("-") : std::string(to_string(finding->severity));
  }

  std::shared_ptr<test::MemoryBackend> dns = std::make_shared<test::MemoryBackend>();

 private:
  int records_ = 0;
};

/// Void for IPv6 clients.
const std::string three = "v=spf1 a:a.example mx:mail.example a:c.example";

std::string ids(const SpfReport& report) {
  std::string all;
  for (const auto& finding : report.findings)
    all += (all.empty() ? "" : " ") + finding.id.substr(4);
  return all;
}

TEST_CASE("names without AAAA records end the evaluation for IPv6 clients") {
  World world;
  CHECK(world.severity_of(three + " -all") == "info");
  CHECK(world.severity_of(three + " ip6:2a00::/48 -all") == "warning");
  CHECK(world.severity_of(three + " include:include.example -all") == "warning");
  CHECK(world.severity_of(three + " redirect=include.example") == "warning");
  CHECK(world.severity_of(three + " a:six.example -all") == "warning");
  CHECK(world.severity_of("v=spf1 ip6:2a00::/48" + three.substr(6) + " -all") == "info");
  CHECK(world.severity_of("v=spf1 a:a.example a:b.example ip6:2a00::/48 -all") == "-");
  CHECK(world.severity_of("v=spf1 a:a.example a:b.example a:six.example ip6:2a00::/48 -all") ==
        "-");
  // Unknown is not void; void for every client is told by itself.
  world.dns->fail("c.example", dns::Outcome::timeout);
  CHECK(world.severity_of(three + " ip6:2a00::/48 -all") == "-");
  CHECK(world.severity_of("v=spf1 a:x.example a:y.example a:z.example ip6:2a00::/48 -all") == "-");
}

TEST_CASE("only what lets IPv6 clients pass is worth a warning behind too many void terms") {
  World world;
  world.dns->add("mixed.example", "v=spf1 a:six.example include:include.example ?all");
  world.dns->add("open.example", "v=spf1 +all");
  world.dns->add("there.example", "v=spf1 redirect=include.example");
  for (const std::string term :
       {"-a:six.example", "-ip6:2a00::/48", "~ip6:2a00::/48", "?ip6:2a00::/48", "ip4:8.8.8.8",
        "-include:include.example", "~include:mixed.example", "?include:there.example",
        "-include:%{l}.example", "-exists:%{i}.example", "~exists:a.example", "-ptr",
        "exists:none.example", "ip6:::ffff:8.8.8.8", "a:b.example"}) {
    CAPTURE(term);
    CHECK(world.severity_of(three + " " + term + " -all") == "info");
  }
  for (const std::string term :
       {"include:mixed.example", "include:there.example", "include:%{l}.example",
        "include:open.example", "exists:%{i}.example", "exists:a.example", "a:%{l}.example", "ptr",
        "ip6:::/0", "-include:none.example include:include.example"}) {
    CAPTURE(term);
    CHECK(world.severity_of(three + " " + term + " -all") == "warning");
  }
  // What is void below an include that lets nobody pass is void all the same.
  world.dns->add("voids.example", three + " ip6:2a00::/48 -all");
  CHECK(world.severity_of("v=spf1 -include:voids.example -all") == "info");
  CHECK(world.severity_of("v=spf1 -include:voids.example ip6:2a00::/48 -all") == "warning");
  CHECK(world.severity_of("v=spf1 -all " + three.substr(7) + " ip6:2a00::/48") == "-");
}

TEST_CASE("where only AAAA questions fail, only what IPv6 clients meet is unknown") {
  World world;
  world.silence({"a.example"});
  world.dns->add("below.example", "v=spf1 mx:mail.example a:a.example -all");
  for (const std::string record :
       {"v=spf1 a:a.example -all", "v=spf1 mx:mail.example -all", "v=spf1 -a:a.example -all",
        "v=spf1 include:include.example include:below.example -all",
        "v=spf1 ip6:2a00::/48 redirect=below.example"}) {
    CAPTURE(record);
    const auto report = world.lint(record);
    CHECK(ids(report) == "ipv6-unknown valid");
    const auto& finding = test::get(report.findings, "spf.ipv6-unknown");
    CHECK(finding.severity == Severity::info);
    CHECK(finding.data["targets"].to_text() == "a.example");
    CHECK(finding.evidence.size() == 1);
  }
  // An exists term asks for A records.
  CHECK(ids(world.lint("v=spf1 exists:a.example -all")) == "valid");
  // Without A records nothing is known of the term; without an answer for them nothing of IPv4.
  world.silence({"x.example"});
  CHECK(ids(world.lint("v=spf1 a:x.example -all")) == "dns-error");
  world.dns->add_address("late.example", "2a00::2");
  world.dns->silence(test::raw_name("late.example"), {{dns::RecordType::a}});
  CHECK(ids(world.lint("v=spf1 a:late.example -all")) == "dns-error");
  world.dns->add_mx("two.example", 10, "a.example");
  world.dns->add_mx("two.example", 20, "late.example");
  CHECK(ids(world.lint("v=spf1 mx:two.example -all")) == "dns-error ipv6-unknown");
}

TEST_CASE("what is unknown for IPv6 clients is no remark where it could hide a warning") {
  World world;
  world.silence({"b.example"});
  const auto unknown = [&](std::string_view record) {
    return world.severity_of(record, "ipv6-unknown");
  };
  const std::string two = "v=spf1 a:a.example a:b.example";
  CHECK(unknown(two + " a:c.example ip6:2a00::/48 -all") == "unknown");
  CHECK(ids(world.lint(two + " a:c.example ip6:2a00::/48 -all")) == "ipv6-unknown");
  CHECK(unknown(two + " a:c.example -ip6:2a00::/48 -all") == "info");
  CHECK(unknown("v=spf1 ip6:2a00::/48 a:b.example a:b.example//64 a:b.example/24 -all") == "info");
  // It may be what stands behind.
  CHECK(unknown(three + " a:b.example -all") == "unknown");
  CHECK(unknown(three + " -a:b.example -all") == "info");
  CHECK(world.severity_of(three + " a:b.example -all") == "info");
  // What is told already hides nowhere.
  CHECK(unknown(three + " ip6:2a00::/48 a:b.example -all") == "info");
  CHECK(world.severity_of(three + " ip6:2a00::/48 a:b.example -all") == "warning");
  // One term is one, whatever its hosts are.
  world.dns->add_mx("both.example", 10, "b.example");
  world.dns->add_mx("both.example", 20, "c.example");
  CHECK(unknown("v=spf1 mx:both.example a:a.example -all") == "info");
  CHECK(unknown("v=spf1 mx:both.example a:a.example a:c.example -all") == "info");
}

TEST_CASE("a name without an answer keeps unknown what IPv6 clients behind it may pass by") {
  World world;
  world.silence({"b.example", "c.example"});
  world.dns->add("behind.example", "v=spf1 a:b.example -all");
  world.dns->add("open.example", "v=spf1 ip4:8.8.8.8 +all");
  for (const auto* host : {"b.example", "six.example"}) world.dns->add_mx("some.example", 10, host);
  for (const auto* host : {"b.example", "c.example"}) world.dns->add_mx("none.example", 10, host);
  for (const auto* host : {"b.example", "a.example"}) world.dns->add_mx("one.example", 10, host);
  for (const std::string record :
       {"a:b.example ip6:2a00::/48 -all", "-a:b.example ip6:2a00::/48 ~all",
        "a:b.example include:include.example -all", "a:b.example redirect=include.example",
        "include:behind.example ip6:2a00::/48 -all", "-include:behind.example ip6:2a00::/48 -all",
        "mx:one.example a:six.example -all", "a:b.example exists:%{i}.example -all",
        "a:b.example ptr -all", "a:b.example include:%{l}.example -all", "a:b.example +all",
        "a:b.example include:open.example -all", "mx:some.example -all",
        "ip6:2a00::/48 a:b.example ip6:2a01::/48 -all",
        // Either of them may have an address that the other one hides.
        "a:b.example a:c.example -all", "mx:none.example -all", "-a:b.example a:c.example -all"}) {
    CAPTURE(record);
    CHECK(world.severity_of("v=spf1 " + record, "ipv6-unknown") == "unknown");
    CHECK(world.severity_of("v=spf1 " + record, "valid") == "-");
  }
  for (const std::string record :
       {"a:b.example -all", "ip6:2a00::/48 a:b.example -all", "a:b.example -ip6:2a00::/48 -all",
        "a:b.example ip4:8.8.8.8 ip6:::ffff:8.8.8.8 -all", "a:b.example -include:include.example",
        "a:b.example a:a.example exists:a.example.org -all", "-mx:some.example -all",
        "include:include.example include:behind.example -all", "-a:b.example -a:c.example -all",
        "a:b.example -a:c.example -all", "a:b.example -include:open.example ?all",
        // One name has one answer.
        "a:b.example mx:one.example a:B.Example/24 include:behind.example -all"}) {
    CAPTURE(record);
    CHECK(world.severity_of("v=spf1 " + record, "ipv6-unknown") == "info");
  }
  // Nobody comes to the name.
  for (const std::string record :
       {"-include:open.example a:b.example ?all", "ip6:::/0 a:b.example -all"})
    CHECK(world.severity_of("v=spf1 " + record, "ipv6-unknown") == "-");
  // Who is told of three void terms is told of a name behind them, too: some receivers go on.
  CHECK(world.severity_of("v=spf1 a:a.example a:a.example/24 mx:a.example a:b.example "
                          "ip6:2a00::/48 -all") == "warning");
  CHECK(world.severity_of("v=spf1 a:a.example a:a.example/24 mx:a.example a:b.example "
                          "ip6:2a00::/48 -all",
                          "ipv6-unknown") == "unknown");
}

TEST_CASE("a record that defers IPv6 clients it permits is not called valid") {
  World world;
  world.silence({"b.example", "c.example"});
  for (const std::string record :
       {"v=spf1 a:b.example ip6:2a00::/48 -all", "v=spf1 ip6:2a00::/48 a:b.example -all",
        "v=spf1 a:b.example include:include.example -all", "v=spf1 a:b.example a:six.example -all",
        "v=spf1 -a:b.example redirect=include.example", "v=spf1 a:six.example mx:b.example ~all"}) {
    CAPTURE(record);
    const auto report = world.lint(record);
    SpfRequest request;
    request.ip = *IpAddress::parse("2a00::1");
    request.sender = "a@" + report.tree->domain;
    const auto evaluation = test::run_check<SpfEvaluation>(
        world.dns, [&](Context context) { return evaluate_spf(context, request); });
    const bool deferred = evaluation.result == SpfResult::temperror;
    CHECK((deferred || evaluation.result == SpfResult::pass));
    CHECK((test::find(report.findings, "spf.valid") == nullptr) == deferred);
    CHECK_FALSE(report.error.has_value());  // of no client of IPv4
  }
}

TEST_CASE("of many names without an answer a person is told some") {
  World world;
  std::string record = "v=spf1";
  for (int i = 0; i < 3; ++i) {
    const auto mail = "m" + std::to_string(i) + ".example";
    for (int host = 0; host < 10; ++host) {
      const auto name = "h" + std::to_string(host) + "." + mail;
      world.dns->add_mx(mail, 10, name);
      world.dns->add_address(name, "8.8.8.8");
      world.silence({name.c_str()});
    }
    record += " mx:" + mail;
  }
  const auto report = world.lint(record + " -all");
  const auto& finding = test::get(report.findings, "spf.ipv6-unknown");
  CHECK(finding.data["terms"].as_array().size() == 3);
  CHECK(finding.data["targets"].as_array().size() == 10);
  CHECK(finding.evidence.size() == 10);
}

}  // namespace
}  // namespace maildiag::checks
