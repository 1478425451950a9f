#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "checks/spf.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

using test::MemoryBackend;

SpfReport lint(const std::shared_ptr<MemoryBackend>& dns, std::string_view domain = "example.com") {
  auto report = test::run_check<SpfReport>(
      dns, [&](Context context) { return lint_spf(context, test::raw_name(domain)); });
  for (const auto& finding : report.findings) CHECK(test::text_fault(finding) == "");
  return report;
}

std::string ids(const SpfReport& report) {
  std::string all;
  for (const auto& finding : report.findings)
    all += (all.empty() ? "" : " ") + finding.id.substr(4);
  return all;
}

/// The findings of one record by itself.
std::string lint_text(std::string_view record) {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("example.com", record);
  dns->add_address("example.com", "8.8.8.8");
  dns->add_mx("example.com", 10, "example.com");
  dns->add("good.example", "v=spf1 ip4:8.8.4.0/24 -all");
  return ids(lint(dns));
}

TEST_CASE("a good record is valid, with what one more address costs") {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("example.com", "v=spf1 ip4:8.8.8.0/24 include:good.example -all");
  dns->add("good.example", "v=spf1 ip4:8.8.4.0/24 ?all");
  const auto report = lint(dns);
  CHECK(ids(report) == "valid");
  REQUIRE(report.room.has_value());
  CHECK(report.room->octets4 == 20);  // " ip4:255.255.255.255"
  CHECK(report.room->octets6 == 44);
  CHECK(report.room->lookups_left == 9);
  CHECK(report.room->record_octets == 47);
  CHECK(report.room->txt_octets == 48);
  const auto value = report.to_value();
  CHECK(value["lookups"].as_integer() == 1);
  CHECK(value["tree"]["children"].as_array().at(0)["term"].as_string() == "include:good.example");
  CHECK(value["records"].as_array().size() == 1);
}

TEST_CASE("each weakness of a record has its finding") {
  CHECK(lint_text("v=spf1 mx") == "missing-all valid");
  CHECK(lint_text("v=spf1 mx +all") == "plus-all");
  CHECK(lint_text("v=spf1 mx all") == "plus-all");
  CHECK(lint_text("v=spf1 mx ?all") == "neutral-all valid");
  CHECK(lint_text("v=spf1 -all mx a") == "unreachable-terms valid");
  CHECK(lint_text("v=spf1 mx -all redirect=good.example") == "redirect-ignored valid");
  CHECK(lint_text("v=spf1 mx redirect=good.example") == "valid");
  CHECK(lint_text("v=spf1 ptr -all") == "ptr-mechanism valid");
  CHECK(lint_text("v=spf1 exists:%{p}.good.example -all") == "p-macro valid");
  CHECK(lint_text("v=spf1 include:%{l}.good.example -all") == "depends-on-mail valid");
  CHECK(lint_text("v=spf1 ip4:8.8.8.8/24 -all") == "host-bits valid");
  CHECK(lint_text("v=spf1 ip4:8.0.0.0/9 -all") == "wide-range valid");
  CHECK(lint_text("v=spf1 ip4:0.0.0.0/0 -all") == "wide-range");
  CHECK(lint_text("v=spf1 -ip4:8.0.0.0/9 mx -all") == "valid");
  CHECK(lint_text("v=spf1 a:example.com/0 -all") == "wide-range");
  CHECK(lint_text("v=spf1 mx/7//15 -all") == "wide-range wide-range");
  CHECK(lint_text("v=spf1 a/15 -all") == "wide-range valid");
  CHECK(lint_text("v=spf1 a//31 -all") == "wide-range valid");
  CHECK(lint_text("v=spf1 a/16//32 -mx/0 -all") == "valid");
  CHECK(lint_text("v=spf1 ip6:::ffff:8.8.8.8 -all") == "mapped-network valid");
  CHECK(lint_text("v=spf1 ip4:10.0.0.0/24 -all") == "special-range valid");
  CHECK(lint_text("v=spf1 mx +MX -all") == "duplicate-terms valid");
  CHECK(lint_text("v=spf1 ip4:8.8.8.8 ip4:8.8.8.0/24 -all") == "overlapping-ranges valid");
  CHECK(lint_text("v=spf1 mx ip4=8.8.8.8 -all") == "mechanism-as-modifier valid");
  CHECK(lint_text("v=spf1 mx default=x -all") == "unknown-modifier valid");
  CHECK(lint_text("v=spf1 mx rp=100 rr=e:f ra=postmaster -all") == "valid");
  CHECK(lint_text("v=spf1 mx rp=101 rr=x ra=a@b -all") ==
        "report-modifier report-modifier report-modifier valid");
  CHECK(lint_text("v=spf1 a:8.8.8.8 redirect: -all") == "ip-as-name modifier-with-colon");
}

TEST_CASE("the answer is looked at too") {
  CHECK(lint_text("v=spf10 -all") == "misspelled-version none");
  CHECK(lint_text("\"v=spf1 -all\"") == "misspelled-version none");
  CHECK(lint_text("\xef\xbb\xbfv=spf1 mx -all") == "misspelled-version none");
  CHECK(lint_text("\\\"v=spf1 mx -all\\\"") == "misspelled-version none");
  CHECK(lint_text("\x01v=spf1 mx -all") == "misspelled-version none");
  CHECK(lint_text("v=verify") == "none");
  CHECK(lint_text("v=spf1 mx exists:" + std::string(440, 'x') + ".%{i} -all") ==
        "long-record valid");

  const auto dns = std::make_shared<MemoryBackend>();
  const auto add = [&](std::string_view name, dns::RecordType type,
                       std::vector<std::string> strings) {
    dns->add(test::raw_name(name), type, dns::TxtData{std::move(strings)});
  };
  add("glued.example", dns::RecordType::txt, {"v=spf1 ip4:8.8.8.8", "ip4:8.8.4.4 -all"});
  const auto glued = lint(dns, "glued.example");
  CHECK(ids(glued) == "glued-strings bad-ip4");
  CHECK(glued.findings[0].data["seam"].as_string() == "ip4:8.8.8.8|ip4:8.8.4.4");
  add("cut.example", dns::RecordType::txt, {"v=spf1 ip4:8.8", ".8.8 -all"});
  CHECK(ids(lint(dns, "cut.example")) == "valid");

  dns->add("several.example", "v=spf1 -all");
  dns->add("several.example", "v=spf1 mx -all");
  CHECK(ids(lint(dns, "several.example")) == "several-records");
  CHECK(lint(dns, "several.example").records.size() == 2);

  add("old.example", dns::RecordType::txt, {"v=spf1 -all"});
  add("old.example", dns::RecordType::spf, {"v=spf1 -all"});
  CHECK(ids(lint(dns, "old.example")) == "type-99 valid");
  add("older.example", dns::RecordType::spf, {"v=spf1 mx -all"});
  CHECK(ids(lint(dns, "older.example")) == "none type-99-differs");
}

/// The findings of a record in these strings. Whatever is below example.com has an address.
std::string lint_strings(std::vector<std::string> strings) {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add(test::raw_name("x.example"), dns::RecordType::txt, dns::TxtData{std::move(strings)});
  dns->add_address("mail.example.com", "8.8.8.8");
  dns->add_address("mail.example.coma", "8.8.8.8");
  dns->add_address("here.example.com-all", "8.8.8.8");
  dns->add_address("example.cominclude:good.example", "8.8.8.8");
  dns->add("good.example", "v=spf1 ip4:8.8.4.0/24 -all");
  return ids(lint(dns, "x.example"));
}

TEST_CASE("terms that a seam glued together are told as such, though the grammar takes them") {
  CHECK(lint_strings({"v=spf1 a:mail.example.com", "include:good.example ~all"}) ==
        "glued-strings");
  CHECK(lint_strings({"v=spf1 include:good.example", "+A:mail.example.com ~all"}) ==
        "glued-strings");
  CHECK(lint_strings({"v=spf1 ~all redirect=good.example", "a:mail.example.com"}) ==
        "glued-strings redirect-ignored");
  // Not even an answer, as of a wildcard, makes one name of it.
  CHECK(lint_strings({"v=spf1 a:example.com", "include:good.example ~all"}) == "glued-strings");
  // These could be parts of names; where such a name is, it was cut.
  CHECK(lint_strings({"v=spf1 a:mail.example.com", "a/32"}) == "missing-all valid");
  CHECK(lint_strings({"v=spf1 a:mail.example.com", "mx -all"}) == "glued-strings");
  CHECK(lint_strings({"v=spf1 a:mail.example.com", "a/32 -all"}) == "valid");
  CHECK(lint_strings({"v=spf1 a:mail.exam", "ple.com -all"}) == "valid");
  CHECK(lint_strings({"v=spf1 a:", "mail.example.com -all"}) == "valid");
  CHECK(lint_strings({"v=spf1 -", "a:mail.example.com -all"}) == "valid");
  CHECK(lint_strings({"v=spf1 ip6:2a00:", "a:1::/48 -all"}) == "valid");
  CHECK(lint_strings({"v=spf1 a:mail.exam", "gone.com -all"}) == "void-lookup valid");
  CHECK(lint_strings({"v=spf1 " + std::string(248, ' '), "a:mail.example.com -all"}) == "valid");
}

TEST_CASE("an all that a seam glued to a name is not missing") {
  CHECK(lint_strings({"v=spf1 include:good.example", "-all"}) == "glued-strings");
  CHECK(lint_strings({"v=spf1 a:mail.example.com", "all"}) == "glued-strings");
  CHECK(lint_strings({"v=spf1 a:x.example.com", "include:good.example", "-ALL"}) ==
        "glued-strings");
  // It stands for itself where another seam is wrong, and where the name is one that exists.
  CHECK(lint_strings({"v=spf1 a:mail.example.com", "include:good.example"}) ==
        "glued-strings missing-all");
  CHECK(lint_strings({"v=spf1 a:mail.example.com", "mx"}) == "missing-all glued-strings");
  CHECK(lint_strings({"v=spf1 a:mail.example.com", "all-example.com"}) ==
        "missing-all void-lookup valid");
  CHECK(lint_strings({"v=spf1 a:here.example.com", "-all"}) == "missing-all valid");
  // Of names that a mail fills in nobody can be asked.
  CHECK(lint_strings({"v=spf1 exists:%{i}.example.com", "-all"}) == "glued-strings");
  CHECK(lint_strings({"v=spf1 include:%{l}.example.com", "-all"}) == "glued-strings");
  CHECK(lint_strings({"v=spf1 redirect=%{l}.example.com", "-all"}) == "glued-strings");
  CHECK(lint_strings({"v=spf1 exists:%{i}.example.com", "all -all"}) == "valid");
  CHECK(lint_strings({"v=spf1 exists:%{i}.example.com", "mx"}) == "missing-all valid");
}

TEST_CASE("on the style of other organizations' records there are remarks, no warnings") {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("example.com", "v=spf1 include:_spf.example.com include:spf.vendor.test -all");
  dns->add("_spf.example.com", "v=spf1 ip4:8.0.0.0/15 -all");
  dns->add("spf.vendor.test",
           "v=spf1 ip4:9.0.0.0/15 ip4:9.0.0.0/8 ptr include:x.example.com ip4:9.0.0.0/15 -all");
  dns->add("x.example.com", "v=spf1 ip4:9.8.0.0/15 -all");
  const auto report = lint(dns);
  CHECK(ids(report) == "wide-range others-record wide-range valid");
  const auto& finding = test::get(report.findings, "spf.others-record");
  CHECK(finding.severity == Severity::info);
  CHECK(finding.data["owner"].as_string() == "vendor.test");
  CHECK(finding.data["term"].as_string() == "include:spf.vendor.test");
  CHECK(finding.data["count"].as_integer() == 6);
  CHECK(finding.data["remarks"].as_array().at(0).as_string() == "wide-range ip4:9.0.0.0/15");
  // What lets everybody pass is not only theirs to mend, nor what a redirect= ends with.
  dns->add("bad.example", "v=spf1 include:a.test include:b.test redirect=c.test");
  dns->add("a.test", "v=spf1 +all");
  dns->add("b.test", "v=spf1 ip4:8.0.0.0/7 -all");
  dns->add("c.test", "v=spf1 ip4:8.0.0.0/9 ?all");
  CHECK(ids(lint(dns, "bad.example")) == "plus-all wide-range neutral-all others-record");
  // Below the same registered domain both are the same organization's, above or beside it.
  dns->add("mail.example.org", "v=spf1 include:spf.example.org -all");
  dns->add("spf.example.org", "v=spf1 ip4:8.0.0.0/15 -all");
  CHECK(ids(lint(dns, "mail.example.org")) == "wide-range valid");
}

TEST_CASE("the tree is counted whole, past the limits") {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("example.com", "v=spf1 include:a.example include:b.example -all");
  dns->add("a.example", "v=spf1 a:h.example a:h.example a:h.example a:h.example a:h.example -all");
  dns->add("b.example", "v=spf1 mx:h.example redirect=c.example");
  dns->add("c.example", "v=spf1 exists:%{i}.x.example exists:%{i}.y.example exists:%{d} -all");
  dns->add_address("h.example", "8.8.8.8");
  dns->add_address("c.example", "8.8.8.8");
  dns->add_mx("h.example", 10, "h.example");
  const auto report = lint(dns);
  CHECK(ids(report) == "others-record too-many-lookups");
  const auto& tree = *report.tree;
  CHECK(tree.lookups == 12);
  CHECK(tree.own_lookups == 2);
  REQUIRE(tree.children.size() == 2);
  CHECK(tree.children[0].lookups == 5);
  CHECK(tree.children[1].lookups == 5);
  CHECK(tree.children[1].children[0].term == "redirect=c.example");
  CHECK(test::get(report.findings, "spf.too-many-lookups").data["lookups"].as_integer() == 12);
}

TEST_CASE("what leads nowhere is named") {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("example.com",
           "v=spf1 a:g1.example mx:g2.example exists:g3.example include:none.example "
           "include:loop.example include:dead.example redirect=two.example");
  dns->add("none.example", "no record");
  dns->add("loop.example", "v=spf1 include:EXAMPLE.com -all");
  dns->fail("dead.example", dns::Outcome::servfail);
  for (int i = 0; i < 2; ++i) dns->add("two.example", "v=spf1 -all");
  const auto report = lint(dns);
  CHECK(ids(report) ==
        "void-lookup void-lookup void-lookup include-without-record loop dns-error several-records "
        "too-many-void-lookups");
  CHECK(test::get(report.findings, "spf.loop").data["domain"].as_string() == "loop.example");
  CHECK(test::get(report.findings, "spf.include-without-record").data["target"].as_string() ==
        "none.example");
  CHECK(test::get(report.findings, "spf.dns-error").severity == Severity::unknown);
  CHECK(report.tree->void_lookups == 3);
  CHECK_FALSE(report.room->record_octets == 0);

  for (int i = 0; i < 11; ++i)
    dns->add_mx("many.example", 10, "m" + std::to_string(i) + ".example");
  dns->add("wide.example", "v=spf1 mx:many.example redirect=none.example");
  CHECK(ids(lint(dns, "wide.example")) == "too-many-mx redirect-without-record");
  CHECK(ids(lint(dns, "dead.example")) == "dns-error");
  CHECK(ids(lint(dns, "nowhere.example")) == "no-domain");
  CHECK(test::get(lint(dns, "nowhere.example").findings, "spf.no-domain").severity ==
        Severity::critical);
  dns->add(test::raw_name("www.example"), dns::RecordType::cname,
           dns::NameData{test::raw_name("gone.example")});
  const auto alias = lint(dns, "www.example");
  CHECK(ids(alias) == "dangling-alias");
  CHECK(alias.findings[0].severity == Severity::warning);
  CHECK(alias.findings[0].data["target"].as_string() == "gone.example");
  dns->add("gone.example", "no record");
  CHECK(ids(lint(dns, "www.example")) == "dangling-alias");
  CHECK(ids(lint(dns, "gone.example")) == "none");
  dns->add("gone.example", "v=spf1 -all");
  CHECK(ids(lint(dns, "www.example")) == "valid");
}

TEST_CASE("hostile trees and records cost bounded work") {
  const auto dns = std::make_shared<MemoryBackend>();
  // Every record includes ten others, all different: 10^n of them.
  const auto fan = [&](const std::string& name) {
    std::string text = "v=spf1";
    for (int i = 0; i < 10; ++i) text += " include:" + std::to_string(i) + "." + name;
    dns->add(name, text + " -all");
  };
  const std::vector<std::string> digits = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  fan("f.example");
  for (const auto& a : digits) {
    fan(a + ".f.example");
    for (const auto& b : digits) fan(b + "." + a + ".f.example");
  }
  const auto tree = lint(dns, "f.example");
  CHECK(dns->asked().size() <= 62);
  CHECK(tree.tree->lookups <= max_spf_tree_lookups);
  CHECK(test::find(tree.findings, "spf.too-many-lookups") != nullptr);

  std::string terms;
  for (int i = 0; i < 3000; ++i)
    terms += " ip4:10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + "/31";
  for (int i = 0; i < 1000; ++i) terms += " a:h" + std::to_string(i) + ".example";
  dns->add("long.example", "v=spf1" + terms + " -all");
  const auto before = dns->asked().size();
  const auto wide = lint(dns, "long.example");
  CHECK(wide.findings.size() <= 110);
  CHECK(dns->asked().size() - before <= 2 * 120 + 2);
}

TEST_CASE("many small remarks hide no fault, and no record that has one is called valid") {
  const auto dns = std::make_shared<MemoryBackend>();
  std::string record = "v=spf1 include:bad.example";
  for (int i = 0; i < 150; ++i) record += " x" + std::to_string(i) + "=1";
  dns->add("example.com", record + " -all");
  dns->add("bad.example", "v=spf1 ip4:8.8.8.8/99 -all");
  const auto report = lint(dns);
  CHECK(test::find(report.findings, "spf.bad-prefix-length") != nullptr);
  CHECK(test::find(report.findings, "spf.valid") == nullptr);
  CHECK(report.findings.size() == 100);
}

}  // namespace
}  // namespace maildiag::checks
