#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "checks/spf.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

/// Names under good, none, silent and so on do what they are called.
std::shared_ptr<test::MemoryBackend> world() {
  auto dns = std::make_shared<test::MemoryBackend>();
  dns->add("good.example", "v=spf1 ip4:8.8.8.0/24 -all");
  dns->add_address("good.example", "8.8.8.8");
  dns->add_mx("good.example", 10, "good.example");
  dns->add_address("bare.example", "8.8.8.8");
  dns->fail("silent.example", dns::Outcome::timeout);
  dns->add("wide.example", "v=spf1 ip4:8.0.0.0/7 ip6:2000::/3 ~all");
  dns->add("open.example", "v=spf1 ip4:8.8.8.8 +all");
  dns->add("opened.example", "v=spf1 redirect=open.example");
  dns->add("whole.example", "v=spf1 ip4:0.0.0.0/0 a:good.example ip6:::/0 -all");
  dns->add("picky.example", "v=spf1 -ip4:203.0.113.0/24 +all");
  dns->add("closed.example", "v=spf1 -all");
  dns->add("neutral.example", "v=spf1 ?all");
  dns->add("syntax.example", "v=spf1 ipv4:8.8.8.8 -all");
  dns->add("several.example", "v=spf1 -all");
  dns->add("several.example", "v=spf1 mx -all");
  dns->add("loop.example", "v=spf1 include:back.example -all");
  dns->add("back.example", "v=spf1 include:loop.example -all");
  dns->add("below.example", "v=spf1 include:none.example -all");
  dns->add("late.example", "v=spf1 a:silent.example -all");
  for (int i = 0; i < 11; ++i)
    dns->add_mx("many.example", 10, "h" + std::to_string(i) + ".example");
  dns->add_mx("dumb.example", 10, "silent.example");
  dns->add_address("four.example", "8.8.8.8");
  dns->silence(test::raw_name("four.example"), {{dns::RecordType::aaaa}});
  return dns;
}

/// An error that ends the evaluation, or "-".
std::string linted(const std::shared_ptr<test::MemoryBackend>& dns, std::string_view domain) {
  const auto report = test::run_check<SpfReport>(
      dns, [&](Context context) { return lint_spf(context, test::raw_name(domain)); });
  for (const auto& finding : report.findings) CHECK(test::text_fault(finding) == "");
  return report.error ? std::string(to_string(*report.error)) : std::string("-");
}

/// The same of a receiver, for a client that no term names.
std::string evaluated(const std::shared_ptr<test::MemoryBackend>& dns, std::string_view domain) {
  SpfRequest request;
  request.ip = *IpAddress::parse("203.0.113.77");
  request.sender = "a@" + std::string(domain);
  const auto evaluation = test::run_check<SpfEvaluation>(
      dns, [&](Context context) { return evaluate_spf(context, request); });
  using enum SpfResult;
  for (const auto error : {none, permerror, temperror}) {
    if (evaluation.result == error) return std::string(to_string(error));
  }
  return "-";
}

TEST_CASE("an error that ends the evaluation is told by the lint as receivers meet it") {
  const std::string mx = " mx:good.example", eleven = mx + mx + mx + mx + mx + mx + mx + mx + mx;
  const std::vector<std::pair<std::string, std::string>> records = {
      {"v=spf1 -all", "-"},
      {"v=spf1", "-"},
      {"v=spf1 a:good.example mx:good.example include:good.example ?all", "-"},
      // Unwise, and no error.
      {"v=spf1 ip4:8.0.0.0/7 -all", "-"},
      {"v=spf1 include:wide.example -all", "-"},
      {"v=spf1 redirect=wide.example", "-"},
      {"v=spf1 +all", "-"},
      {"v=spf1 redirect=open.example", "-"},
      {"v=spf1 a:none.example mx:none.example -all", "-"},
      {"v=spf1 exists:bare.example.org ptr -all", "-"},
      {"v=spf1 -all include:none.example", "-"},
      {"v=spf1 ~all redirect=none.example", "-"},
      {"v=spf1 a:four.example ip6:2a00::/32 -all", "-"},
      // Nobody comes to what stands behind.
      {"v=spf1 include:open.example include:none.example -all", "-"},
      {"v=spf1 include:open.example include:silent.example -all", "-"},
      {"v=spf1 include:opened.example include:none.example -all", "-"},
      {"v=spf1 include:open.example" + eleven + mx + mx + " -all", "-"},
      {"v=spf1 -include:open.example include:none.example -all", "-"},
      {"v=spf1 ip4:0.0.0.0/0 ip6:::/0 include:none.example -all", "-"},
      {"v=spf1 ip4:0.0.0.0/0 -ip6:::/0 redirect=none.example", "-"},
      {"v=spf1 include:whole.example include:none.example -all", "-"},
      {"v=spf1 exists:good.example include:none.example -all", "-"},
      {"v=spf1 exists:%{d2}.example.good.example exists:bare.example include:none.example", "-"},
      {"v=spf1 -exists:bare.example a:x.example a:y.example a:z.example -all", "-"},
      {"v=spf1 ip6:::/0 include:none.example -all", "permerror"},
      {"v=spf1 include:syntax.example include:open.example -all", "permerror"},
      {"v=spf1 include:picky.example include:none.example -all", "permerror"},
      {"v=spf1 include:closed.example include:none.example -all", "permerror"},
      {"v=spf1 include:neutral.example include:none.example -all", "permerror"},
      {"v=spf1 exists:none.example include:none.example -all", "permerror"},
      {"v=spf1 a:good.example/1 include:none.example -all", "permerror"},
      {"v=spf1 exists:silent.example include:open.example -all", "temperror"},
      {"v=spf1 include:none.example. -all", "permerror"},
      {"v=spf1 ipv4:8.8.8.8 -all", "permerror"},
      {"v=spf1 ip4:8.8.8.8/33 -all", "permerror"},
      {"v=spf1 redirect=good.example redirect=good.example", "permerror"},
      {"v=spf1 include:none.example -all", "permerror"},
      {"v=spf1 -include:bare.example -all", "permerror"},
      {"v=spf1 redirect=bare.example", "permerror"},
      {"v=spf1 include:syntax.example -all", "permerror"},
      {"v=spf1 redirect=syntax.example", "permerror"},
      {"v=spf1 include:several.example -all", "permerror"},
      {"v=spf1 redirect=several.example", "permerror"},
      {"v=spf1 ?include:below.example -all", "permerror"},
      {"v=spf1 include:loop.example -all", "permerror"},
      {"v=spf1 redirect=loop.example", "permerror"},
      {"v=spf1 mx:many.example -all", "permerror"},
      {"v=spf1" + eleven + mx + " -all", "-"},
      {"v=spf1" + eleven + mx + mx + " -all", "permerror"},
      {"v=spf1 a:x.example a:y.example exists:z.example -all", "permerror"},
      {"v=spf1 include:none.example a:silent.example -all", "permerror"},
      {"v=spf1 include:silent.example -all", "temperror"},
      {"v=spf1 redirect=silent.example", "temperror"},
      {"v=spf1 include:late.example -all", "temperror"},
      {"v=spf1 a:silent.example ~all", "temperror"},
      {"v=spf1 -mx:silent.example ~all", "temperror"},
      {"v=spf1 mx:dumb.example -all", "temperror"},
      {"v=spf1 exists:silent.example -all", "temperror"},
  };
  const auto dns = world();
  int count = 0;
  for (const auto& [record, error] : records) {
    CAPTURE(record);
    const auto domain = "r" + std::to_string(++count) + ".example";
    dns->add(domain, record);
    CHECK(linted(dns, domain) == error);
    CHECK(evaluated(dns, domain) == error);
  }
  for (const auto& [domain, error] : {std::pair("none.example", "none"),
                                      {"bare.example", "none"},
                                      {"several.example", "permerror"},
                                      {"silent.example", "temperror"}}) {
    CHECK(linted(dns, domain) == error);
    CHECK(evaluated(dns, domain) == error);
  }
  // What is wrong for good stays wrong, whatever a name in front of it answers one day.
  dns->add("both.example", "v=spf1 a:silent.example include:none.example -all");
  CHECK(linted(dns, "both.example") == "permerror");
  CHECK(evaluated(dns, "both.example") == "temperror");
  // IPv6 clients meet it.
  dns->add("half.example", "v=spf1 ip4:0.0.0.0/0 include:none.example -all");
  CHECK(linted(dns, "half.example") == "permerror");
}

TEST_CASE("a limit that the tree breaks where nobody comes to is a warning") {
  std::string eleven;
  for (int i = 0; i < 11; ++i) eleven += " mx:good.example";
  const auto ten_but_one = eleven.substr(0, eleven.size() / 11 * 9);
  const std::string voids = " a:x.example a:y.example a:z.example";
  const std::vector<std::array<std::string, 3>> records = {
      {"v=spf1 include:open.example" + eleven + " -all", "over-limit-behind",
       "include:open.example"},
      {"v=spf1 include:open.example" + voids + " -all", "over-limit-behind",
       "include:open.example"},
      {"v=spf1 ip4:0.0.0.0/0 -ip6:::/0 redirect=costly.example", "over-limit-behind", "-ip6:::/0"},
      {"v=spf1 include:within.example -all", "over-limit-behind", "-ip6:::/0"},
      {"v=spf1 redirect=within.example", "over-limit-behind", "-ip6:::/0"},
      {"v=spf1 include:good.example include:open.example -include:costly.example" + voids,
       "over-limit-behind", "include:open.example"},
      // Ten up to the term.
      {"v=spf1" + ten_but_one + " include:open.example" + eleven + " -all", "over-limit-behind",
       "include:open.example"},
      // Some come to it.
      {"v=spf1 ip6:::/0" + voids + " -all", "too-many-void-lookups", ""},
      {"v=spf1 include:picky.example" + eleven + " -all", "too-many-lookups", ""},
      {"v=spf1" + eleven + " include:open.example -all", "too-many-lookups", ""},
      {"v=spf1" + voids + " include:open.example -all", "too-many-void-lookups", ""},
  };
  const auto dns = world();
  dns->add("costly.example", "v=spf1" + eleven + " -all");
  dns->add("within.example", "v=spf1 -ip4:0.0.0.0/0 -ip6:::/0" + eleven + voids + " -all");
  int count = 0;
  for (const auto& [record, id, term] : records) {
    CAPTURE(record);
    const auto domain = "l" + std::to_string(++count) + ".example";
    dns->add(domain, record);
    const auto report = test::run_check<SpfReport>(
        dns, [&](Context context) { return lint_spf(context, test::raw_name(domain)); });
    int limits = 0;
    for (const auto& finding : report.findings) {
      CHECK(test::text_fault(finding) == "");
      for (const auto* each : {"over-limit-behind", "too-many-lookups", "too-many-void-lookups"})
        limits += finding.id == "spf." + std::string(each) ? 1 : 0;
    }
    CHECK(limits == 1);
    const auto& finding = test::get(report.findings, "spf." + id);
    CHECK((finding.severity == Severity::warning) == !term.empty());
    CHECK(finding.data["term"].to_text() == term);
    CHECK(evaluated(dns, domain) == (term.empty() ? "permerror" : "-"));
    CHECK(report.error.has_value() == term.empty());
    CHECK(test::find(report.findings, "spf.valid") == nullptr);
  }
  const auto lint = [&](const char* domain) {
    return test::run_check<SpfReport>(
        dns, [&](Context context) { return lint_spf(context, test::raw_name(domain)); });
  };
  dns->add("other.example", "v=spf1 ip4:0.0.0.0/0" + eleven + " -all");
  CHECK(test::find(lint("other.example").findings, "spf.too-many-lookups") != nullptr);
  // What IPv6 clients do not come to is void for none of them.
  dns->add("voids6.example", "v=spf1 ip6:::/0 a:bare.example mx:good.example a:bare.example -all");
  dns->add("bare3.example", "v=spf1 a:bare.example mx:good.example a:bare.example ip6:2a00::/32");
  CHECK(test::find(lint("voids6.example").findings, "spf.ipv6-void-lookups") == nullptr);
  CHECK(test::find(lint("bare3.example").findings, "spf.ipv6-void-lookups") != nullptr);
}

TEST_CASE("whoever meets ten lookups is told, whatever stands behind them") {
  std::string nine;
  for (int i = 0; i < 9; ++i) nine += " mx:good.example";
  const auto dns = world();
  int count = 0;
  for (const auto& [terms, told] : {std::pair(nine + " include:open.example -all", true),
                                    {nine + " include:open.example mx:good.example -all", true},
                                    {nine + " mx:good.example -all", true},
                                    {nine + " -all", false},
                                    {" include:open.example" + nine + " -all", false},
                                    {" include:open.example mx:good.example" + nine, false}}) {
    CAPTURE(terms);
    const auto domain = "t" + std::to_string(++count) + ".example";
    dns->add(domain, "v=spf1" + terms);
    const auto report = test::run_check<SpfReport>(
        dns, [&](Context context) { return lint_spf(context, test::raw_name(domain)); });
    const auto* finding = test::find(report.findings, "spf.at-lookup-limit");
    REQUIRE((finding != nullptr) == told);
    if (finding == nullptr) continue;
    CHECK(finding->data["lookups"].to_text() == "10");
    CHECK(test::text_fault(*finding) == "");
    // One more in front of the term that matches everybody.
    dns->add("more" + domain, "v=spf1 a:good.example/32" + terms);
    CHECK(evaluated(dns, "more" + domain) == "permerror");
  }
}

TEST_CASE("terms that a seam glued together cost what receivers meet behind them") {
  const auto dns = world();
  int count = 0;
  const auto check = [&](std::vector<std::string> strings, std::string_view error) {
    CAPTURE(strings.front());
    const auto domain = "g" + std::to_string(++count) + ".example";
    dns->add(test::raw_name(domain), dns::RecordType::txt, dns::TxtData{std::move(strings)});
    CHECK(linted(dns, domain) == error);
    CHECK(evaluated(dns, domain) == error);
  };
  check({"v=spf1 a:good.example", "mx:good.example -all"}, "-");
  check({"v=spf1 a:good.example", "-all"}, "-");
  check({"v=spf1 include:good.example", "mx:good.example -all"}, "permerror");
  check({"v=spf1 include:good.example", "-all"}, "permerror");
  check({"v=spf1 redirect=good.example", "a:good.example"}, "permerror");
  check({"v=spf1 a:good.example", "mx:x.example a:good.example", "mx:y.example a:good.example",
         "mx:z.example -all"},
        "permerror");
  // As of a wildcard.
  dns->add("good.exampleinclude:good.example", "v=spf1 -all");
  check({"v=spf1 include:good.example", "include:good.example -all"}, "-");
  dns->fail("good.examplea:good.example", dns::Outcome::timeout);
  check({"v=spf1 include:good.example", "a:good.example -all"}, "temperror");
}

}  // namespace
}  // namespace maildiag::checks
