#include "checks/dmarc.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "dns/backends.h"
#include "support/check_context.h"
#include "support/memory_backend.h"
#include "support/temporary_file.h"

namespace maildiag::checks {
namespace {

using namespace test;

struct World {
  std::shared_ptr<MemoryBackend> backend = std::make_shared<MemoryBackend>();

  World& dmarc(std::string_view domain, std::string_view text) {
    backend->add("_dmarc." + std::string(domain), text);
    return *this;
  }
  DmarcReport check(std::string domain) const {
    const PublicSuffixes suffixes;
    auto report = run_check<DmarcReport>(backend, [&suffixes, &domain](Context context) {
      return check_dmarc(context, raw_name(domain), DmarcScope{&suffixes, true});
    });
    for (const auto& finding : report.findings) CHECK(text_fault(finding).empty());
    return report;
  }
};

Severity status(const DmarcReport& report) {
  auto worst = Severity::ok;
  for (const auto& finding : report.findings) worst = worse(worst, finding.severity);
  return worst;
}

bool has(const DmarcReport& report, std::string_view id) {
  return find(report.findings, id) != nullptr;
}

TEST_CASE("a policy that is in order is nothing but ok") {
  World world;
  world.dmarc("example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com");
  const auto report = world.check("example.com");
  CHECK(status(report) == Severity::ok);
  CHECK(report.findings.size() == 1);
  CHECK(get(report.findings, "dmarc.ok").data["tag"].as_string() == "p");
  CHECK(report.to_value()["record"].as_string() == "v=DMARC1; p=reject; rua=mailto:d@example.com");
  CHECK(report.to_value()["found_at"].as_string() == "example.com");
}

TEST_CASE("no record, no policy") {
  const auto report = World().check("mail.example.com");
  CHECK(get(report.findings, "dmarc.missing").severity == Severity::warning);
  CHECK(get(report.findings, "dmarc.missing").evidence.size() == 3);
  CHECK(report.to_value()["policy"].is_null());
  CHECK(report.to_value()["record"].is_null());
  CHECK(report.organizational_domain == raw_name("mail.example.com"));
}

TEST_CASE("an alias that leads to no record is told, as no record can stand beside it") {
  World world;
  world.backend->add(raw_name("_dmarc.example.com"), dns::RecordType::cname,
                     dns::NameData{raw_name("gone.vendor.test")});
  const auto gone = world.check("example.com");
  CHECK_FALSE(has(gone, "dmarc.missing"));
  const auto& finding = get(gone.findings, "dmarc.dangling-alias");
  CHECK(finding.severity == Severity::warning);
  CHECK(finding.data["name"].as_string() == "_dmarc.example.com");
  CHECK(finding.data["target"].as_string() == "gone.vendor.test");
  // A record can be published at the name itself.
  CHECK(has(world.check("mail.example.com"), "dmarc.missing"));
  world.backend->add("gone.vendor.test", "something else");
  CHECK(has(world.check("example.com"), "dmarc.dangling-alias"));
  world.backend->add("gone.vendor.test", "v=DMARC1; p=reject; rua=mailto:d@example.com");
  CHECK(has(world.check("example.com"), "dmarc.ok"));
}

TEST_CASE("p=none is advice, not a fault") {
  World world;
  world.dmarc("example.com", "v=DMARC1; p=none; rua=mailto:d@example.com");
  const auto report = world.check("example.com");
  CHECK(get(report.findings, "dmarc.none-policy").severity == Severity::info);
  CHECK(status(report) == Severity::info);
}

TEST_CASE("DNS that does not answer is never no policy") {
  SUBCASE("at the domain itself") {
    World world;
    world.dmarc("example.com", "v=DMARC1; p=reject");
    world.backend->fail("_dmarc.mail.example.com", dns::Outcome::servfail);
    const auto report = world.check("mail.example.com");
    CHECK(status(report) == Severity::unknown);
    CHECK(get(report.findings, "dmarc.unknown").data["outcome"].as_string() == "servfail");
    CHECK(!report.policy);
    CHECK(!report.organizational_domain);
    CHECK(world.backend->asked().size() == 1);  // what stands above could not be used
  }
  SUBCASE("above it: the own record counts, the organizational domain is not known") {
    World world;
    world.dmarc("mail.example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com");
    world.backend->fail("_dmarc.example.com", dns::Outcome::timeout);
    const auto report = world.check("mail.example.com");
    CHECK(report.policy == dmarc::Policy::reject);
    CHECK(!report.organizational_domain);
    CHECK(status(report) == Severity::unknown);
    CHECK(has(report, "dmarc.report-unknown"));
  }
  SUBCASE("when the policy hangs on whether the domain exists") {
    World world;
    world.dmarc("example.com", "v=DMARC1; p=reject; np=none; rua=mailto:d@example.com");
    world.backend->fail("mail.example.com", dns::Outcome::refused);
    const auto report = world.check("mail.example.com");
    CHECK(!report.policy);
    CHECK(get(report.findings, "dmarc.unknown").data["outcome"].as_string() == "refused");
    CHECK(!has(report, "dmarc.not-applied"));
    CHECK(!has(report, "dmarc.rfc7489-only-policy"));
  }
}

TEST_CASE("a zone file alone is enough to check its zone") {
  const TemporaryFile file(
      "example.com. 300 SOA ns.example.com. h.example.com. 1 2 3 4 5\n"
      "_dmarc.example.com. 300 TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n"
      "www.example.com. 300 A 192.0.2.1\n");
  const auto zones = dns::make_zone_backend({file.path()});
  REQUIRE(zones);
  const auto check = [&zones](std::string_view domain) {
    return run_check<DmarcReport>(zones.value(), [domain](Context context) {
      return check_dmarc(context, raw_name(domain), DmarcScope{});
    });
  };
  const auto report = check("www.example.com");
  CHECK(report.organizational_domain == raw_name("example.com"));
  CHECK(report.policy == dmarc::Policy::reject);
  CHECK(status(report) == Severity::info);
  CHECK(get(report.findings, "dmarc.above-zones").data["name"].as_string() == "_dmarc.com");
  // A domain that the files do not hold is not known to be without a policy.
  CHECK(status(check("example.net")) == Severity::unknown);
}

TEST_CASE("existence is asked only where the policy hangs on it") {
  World world;
  world.dmarc("example.com", "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@example.com");
  const auto report = world.check("ghost.example.com");
  CHECK(report.policy_tag == "sp");
  CHECK(std::ranges::count(world.backend->asked(), "ghost.example.com a") == 0);
  CHECK(std::ranges::count(world.backend->asked(), "ghost.example.com A") == 0);
  CHECK(!report.exists);
}

TEST_CASE("several records drop each other, the walk goes on") {
  World world;
  world.dmarc("example.com", "v=DMARC1; p=reject").dmarc("example.com", "v=DMARC1; p=none");
  const auto report = world.check("example.com");
  CHECK(get(report.findings, "dmarc.several-records").data["count"].as_integer() == 2);
  CHECK(get(report.findings, "dmarc.none-counts").data["name"].as_string() == "_dmarc.example.com");
  CHECK_FALSE(has(report, "dmarc.missing"));  // another record would not count either
  CHECK(status(report) == Severity::critical);
  // Above the domain: it can have one of its own.
  CHECK(has(world.check("mail.example.com"), "dmarc.missing"));
  world.dmarc("mail.example.com", "v=DMARC1; p=none");
  CHECK(has(world.check("mail.example.com"), "dmarc.none-policy"));
}

TEST_CASE("what stands behind an alias is mended there") {
  World world;
  world.backend->add(raw_name("_dmarc.example.com"), dns::RecordType::cname,
                     dns::NameData{raw_name("first.vendor.test")});
  world.backend->add(raw_name("first.vendor.test"), dns::RecordType::cname,
                     dns::NameData{raw_name("last.vendor.test")});
  world.backend->add("last.vendor.test", "v=dmarc1; p=reject");
  const auto ignored = world.check("example.com");
  CHECK(get(ignored.findings, "dmarc.ignored-record").data["name"].as_string() ==
        "last.vendor.test");
  CHECK(get(ignored.findings, "dmarc.dangling-alias").data["target"].as_string() ==
        "last.vendor.test");
  world.backend->add("last.vendor.test", "v=DMARC1; p=reject");
  world.backend->add("last.vendor.test", "v=DMARC1; p=none");
  const auto several = world.check("example.com");
  for (const auto* id : {"dmarc.several-records", "dmarc.none-counts"})
    CHECK(get(several.findings, id).data["name"].as_string() == "last.vendor.test");
  CHECK_FALSE(has(several, "dmarc.missing"));
  CHECK_FALSE(has(several, "dmarc.dangling-alias"));
}

TEST_CASE("a text that is meant as a record and none") {
  World world;
  world.dmarc("example.com", "v=dmarc1; p=reject");
  CHECK(has(world.check("example.com"), "dmarc.ignored-record"));
  World beside;
  beside.dmarc("example.com", "v=dmarc1; p=reject").dmarc("example.com", "v=DMARC1; p=reject");
  CHECK(!has(beside.check("example.com"), "dmarc.ignored-record"));
}

TEST_CASE("the record's faults become findings about the domain where it stands") {
  World world;
  world.dmarc("example.com",
              "V=DMARC1; rua=d@example.com,https://example.com/d; p=reject; t=y; sp=none; pct=20; "
              "rf=afrf; zz=1; P=none; adkim=q; p=none; junk; fo=1");
  const auto report = world.check("www.example.com");
  for (const auto* id : {"dmarc.version-case", "dmarc.bad-uri", "dmarc.uri-scheme",
                         "dmarc.withdrawn-pct", "dmarc.withdrawn-tag", "dmarc.unknown-tag",
                         "dmarc.tag-case", "dmarc.bad-value", "dmarc.duplicate-tag", "dmarc.syntax",
                         "dmarc.p-not-second", "dmarc.weaker-subdomains", "dmarc.fo-without-ruf"}) {
    CAPTURE(id);
    CHECK(get(report.findings, id).subject == "example.com");
  }
  CHECK(get(report.findings, "dmarc.tag-case").data["right_tag"].as_string() == "p");
  CHECK(report.policy_tag == "sp");
  CHECK(!has(report, "dmarc.test-mode"));  // none cannot be lowered
}

TEST_CASE("test mode lowers what is published") {
  World world;
  world.dmarc("example.com", "v=DMARC1; p=reject; t=y; rua=mailto:d@example.com");
  const auto report = world.check("example.com");
  CHECK(report.published == dmarc::Policy::reject);
  CHECK(report.policy == dmarc::Policy::quarantine);
  CHECK(has(report, "dmarc.test-mode"));
  // A receiver that does not know the tag applies the policy as it stands.
  CHECK(get(report.findings, "dmarc.rfc7489-differs").data["old_policy"].as_string() == "reject");
}

TEST_CASE("records that cannot be used") {
  World world;
  world.dmarc("example.com", "v=DMARC1; p=rejct");
  const auto report = world.check("example.com");
  CHECK(has(report, "dmarc.not-applied"));
  CHECK(get(report.findings, "dmarc.bad-policy").data["value"].as_string() == "rejct");
  CHECK(status(report) == Severity::critical);
  World no_p;
  no_p.dmarc("example.com", "v=DMARC1; sp=reject; rua=mailto:d@example.com");
  const auto other = no_p.check("a.example.com");
  CHECK(has(other, "dmarc.missing-p"));
  CHECK(other.policy == dmarc::Policy::none);
  CHECK(other.policy_tag.empty());
}

TEST_CASE("records in the middle and below") {
  World world;
  world.dmarc("b.example.com", "v=DMARC1; p=none; sp=none")
      .dmarc("example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com");
  const auto middle = world.check("a.b.example.com");
  CHECK(get(middle.findings, "dmarc.unused-record").data["name"].as_string() ==
        "_dmarc.b.example.com");
  CHECK(has(world.check("b.example.com"), "dmarc.sp-ignored"));
  CHECK(!has(world.check("example.com"), "dmarc.unused-record"));
}

TEST_CASE("psd=y belongs to registries") {
  World world;
  world.dmarc("example.com", "v=DMARC1; p=reject; psd=y; rua=mailto:d@example.com");
  CHECK(has(world.check("example.com"), "dmarc.psd-not-suffix"));
  World registry;
  registry.dmarc("co.uk", "v=DMARC1; p=reject; psd=y; rua=mailto:d@nic.co.uk");
  const auto report = registry.check("example.co.uk");
  CHECK(!has(report, "dmarc.psd-not-suffix"));
  CHECK(report.level == dmarc::Level::public_suffix);
  CHECK(report.organizational_domain == raw_name("example.co.uk"));
  CHECK(report.policy == dmarc::Policy::reject);
  CHECK(has(report, "dmarc.rfc7489-no-policy"));  // it never looks at co.uk
}

TEST_CASE("the public suffix list may lead elsewhere") {
  World world;
  world.dmarc("blogspot.com", "v=DMARC1; p=reject; rua=mailto:d@blogspot.com")
      .dmarc("mail.example.com", "v=DMARC1; p=reject; psd=n; rua=mailto:d@example.com")
      .dmarc("example.com", "v=DMARC1; p=none");
  const auto blog = world.check("someone.blogspot.com");
  CHECK(blog.organizational_domain == raw_name("blogspot.com"));
  CHECK(has(blog, "dmarc.rfc7489-no-policy"));
  const auto part = world.check("a.mail.example.com");
  CHECK(part.policy == dmarc::Policy::reject);
  const auto& differs = get(part.findings, "dmarc.rfc7489-differs");
  CHECK(differs.data["old_organizational_domain"].as_string() == "example.com");
  CHECK(differs.data["old_policy"].as_string() == "none");
}

TEST_CASE("the same policy, and another organizational domain") {
  World world;
  world.dmarc("mail.example.com", "v=DMARC1; psd=n; p=none; rua=mailto:d@example.com");
  const auto report = world.check("mail.example.com");
  CHECK(report.organizational_domain == raw_name("mail.example.com"));
  const auto& finding = get(report.findings, "dmarc.rfc7489-alignment");
  CHECK(finding.data["old_organizational_domain"].as_string() == "example.com");
  CHECK(!has(report, "dmarc.rfc7489-differs"));
  World one_strict;
  one_strict.dmarc("mail.example.com", "v=DMARC1; psd=n; p=none; adkim=s");
  CHECK(has(one_strict.check("mail.example.com"), "dmarc.rfc7489-alignment"));
  // Strict alignment has no use for it.
  World strict;
  strict.dmarc("mail.example.com", "v=DMARC1; psd=n; p=none; adkim=s; aspf=s");
  for (const auto* id : {"dmarc.rfc7489-alignment", "dmarc.rfc7489-differs"})
    CHECK(!has(strict.check("mail.example.com"), id));
  World partly;
  partly.dmarc("mail.example.com", "v=DMARC1; psd=n; p=reject; pct=50");
  CHECK(has(partly.check("mail.example.com"), "dmarc.rfc7489-differs"));
  CHECK(!has(partly.check("mail.example.com"), "dmarc.rfc7489-alignment"));
}

TEST_CASE("only the public suffix list finds a record at a skipped level") {
  World world;
  world.dmarc("e.f.g.h.i.j.k.co.uk", "v=DMARC1; p=none");
  const auto report = world.check("a.b.c.d.e.f.g.h.i.j.k.co.uk");
  CHECK(has(report, "dmarc.missing"));
  CHECK(report.rfc7489->organizational_domain == raw_name("k.co.uk"));
}

TEST_CASE("reports to other organizations need their consent") {
  World world;
  world
      .dmarc("example.com",
             "v=DMARC1; p=reject; rua=mailto:a@example.com,mailto:b@good.example,"
             "mailto:c@bad.example,mailto:d@bad.example; ruf=mailto:e@broken.example,"
             "mailto:f@silent.example,mailto:g@reports.example.com")
      .dmarc("other.example", "v=DMARC1; p=none");
  world.backend->add("example.com._report._dmarc.good.example", "v=DMARC1");
  world.backend->add("example.com._report._dmarc.broken.example", "v=DMARC1; what");
  world.backend->fail("example.com._report._dmarc.silent.example", dns::Outcome::servfail);
  const auto report = world.check("www.example.com");
  REQUIRE(report.destinations.size() == 7);
  CHECK(get(report.findings, "dmarc.report-authorised").data["host"].as_string() == "good.example");
  CHECK(get(report.findings, "dmarc.report-unauthorised").data["name"].as_string() ==
        "example.com._report._dmarc.bad.example");
  CHECK(get(report.findings, "dmarc.report-malformed").data["host"].as_string() ==
        "broken.example");
  CHECK(get(report.findings, "dmarc.report-unknown").severity == Severity::unknown);
  CHECK(std::ranges::count_if(report.findings, [](const Finding& finding) {
          return finding.id.starts_with("dmarc.report-");
        }) == 4);
  CHECK(report.destinations.back().authority.state == dmarc::Authorisation::not_needed);
}

TEST_CASE("hostile names and records stay bounded") {
  std::string text = "v=DMARC1; p=reject; rua=";
  for (int i = 0; i < 3000; ++i) text += "mailto:a@h" + std::to_string(i) + ".example,";
  World many;
  many.dmarc("example.com", text);
  const auto report = many.check("example.com");
  CHECK(report.destinations.size() <= dmarc::max_uris);
  CHECK(many.backend->asked().size() < 100);
  CHECK(report.to_value()["record"].as_string().size() < 5000);

  World tags;
  text = "v=DMARC1; p=reject; rua=mailto:d@example.com";
  for (int i = 0; i < 9000; ++i) text += ";\x1b[2Jx" + std::to_string(i);
  tags.dmarc("example.com", text);
  const auto noisy = tags.check("example.com");
  CHECK(noisy.policy == dmarc::Policy::reject);
  CHECK(noisy.findings.size() < 60);
  CHECK(get(noisy.findings, "dmarc.syntax").data["value"].as_string() == "\\x1b[2Jx0");

  // A name so long that nothing can stand at _dmarc below it is no fault of DNS.
  const std::string label(63, 'a');
  const auto longest = label + "." + label + "." + label + "." + std::string(57, 'a') + ".com";
  const auto missing = World().check(longest);
  CHECK(has(missing, "dmarc.missing"));
  CHECK(missing.walk.steps.size() == 5);
}

TEST_CASE("the top and the root") {
  CHECK(World().check("com").walk.steps.size() == 1);
  const auto root = World().check(".");
  CHECK(root.walk.steps.empty());
  CHECK(has(root, "dmarc.missing"));
}

}  // namespace
}  // namespace maildiag::checks
