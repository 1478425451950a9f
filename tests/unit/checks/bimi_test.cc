#include "checks/bimi.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

constexpr std::string_view good_record =
    "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem";

std::string svg(std::string_view inner = "<path d=\"M0 0h1v1z\" fill=\"#123\"/>",
                std::string_view root = "viewBox=\"0 0 64 64\"") {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\" " +
         std::string(root) + "><title>Example</title>" + std::string(inner) + "</svg>";
}

std::shared_ptr<test::MemoryBackend> world(std::string_view record, std::string_view dmarc = "") {
  auto dns = std::make_shared<test::MemoryBackend>();
  dns->add_address("example.com", "192.0.2.1");
  if (!record.empty()) dns->add("default._bimi.example.com", record);
  dns->add("_dmarc.example.com", dmarc.empty() ? "v=DMARC1; p=reject" : dmarc);
  return dns;
}

BimiReport check(const std::shared_ptr<test::MemoryBackend>& dns,
                 std::string_view domain = "example.com", std::string_view selector = "default",
                 std::optional<std::string> indicator = std::nullopt) {
  BimiRequest request{test::raw_name(domain), test::raw_name(selector), std::move(indicator)};
  const auto report = test::run_check<BimiReport>(
      dns, [&](Context context) { return check_bimi(context, request); });
  for (const auto& finding : report.findings) CHECK(test::text_fault(finding) == "");
  return report;
}

/// The findings' ids without "bimi.", in order.
std::string found(const BimiReport& report) {
  std::string all;
  for (const auto& finding : report.findings)
    all += (all.empty() ? "" : " ") + finding.id.substr(5);
  return all;
}
std::string record_findings(std::string_view record) {
  auto all = found(check(world(record)));
  return all.substr(0, all.find(" dmarc-enforcing"));
}
/// The problems of an indicator, without "bimi.svg-".
std::string drawn(const std::string& octets) {
  std::string all;
  for (const auto& problem : bimi::check_indicator(octets).problems)
    all += (all.empty() ? "" : " ") + problem.id.substr(9);
  return all;
}

TEST_CASE("a record at the domain, at its organization, nowhere") {
  const auto own = check(world(good_record));
  CHECK(found(own) == "record dmarc-enforcing not-fetched");
  CHECK(own.found_at == test::raw_name("example.com"));
  CHECK(own.to_value()["location"].as_string() == "https://example.com/logo.svg");
  const auto below = check(world(good_record), "news.example.com");
  CHECK(found(below) == "record dmarc-enforcing not-fetched");
  CHECK(below.found_at == test::raw_name("example.com"));
  CHECK(found(check(world(""))) == "missing");
  CHECK(test::get(check(world("")).findings, "bimi.missing").severity == Severity::warning);
  const auto dns = world("");
  dns->add(test::raw_name("default._bimi.example.com"), dns::RecordType::cname,
           dns::NameData{test::raw_name("gone.vendor.test")});
  CHECK(found(check(dns)) == "dangling-alias");
  CHECK(check(dns).findings[0].data["name"].as_string() == "default._bimi.example.com");
  CHECK(check(dns).findings[0].data["target"].as_string() == "gone.vendor.test");
  CHECK(found(check(dns, "news.example.com")) == "missing");
  dns->add("brand.autumn._bimi.example.com", good_record);
  CHECK(found(check(dns, "example.com", "brand.autumn")) == "record dmarc-enforcing not-fetched");
}

TEST_CASE("a subdomain that declines stops the search") {
  const auto dns = world(good_record);
  dns->add("default._bimi.news.example.com", "v=BIMI1; l=; a=;");
  CHECK(found(check(dns, "news.example.com")) == "declined");
  CHECK(record_findings("v=BIMI1; l=; a=; lps=true;") == "declined");
  CHECK(record_findings("v=BIMI1;l=") == "declined");
}

TEST_CASE("records that are none, and several") {
  for (const auto* text : {"v=bimi1; l=https://example.com/a.svg", "V=BIMI1; l=", "l=; v=BIMI1",
                           "v=BIMI10; l=", "BIMI1"}) {
    CAPTURE(text);
    CHECK(record_findings(text) == "not-a-record missing");
  }
  CHECK(record_findings("v=spf1 -all") == "missing");
  auto dns = world(good_record);
  dns->add("default._bimi.example.com", "v=spf1 -all");
  CHECK(found(check(dns)) == "record dmarc-enforcing not-fetched");
  dns->add("default._bimi.example.com", "v=BIMI1; l=");
  CHECK(found(check(dns)) == "several-records");
  // Several at the subdomain end the search, too.
  dns = world(good_record);
  for (const auto* text : {"v=BIMI1; l=", "v=BIMI1; l=; a="})
    dns->add("default._bimi.a.example.com", text);
  CHECK(found(check(dns, "a.example.com")) == "several-records");
}

TEST_CASE("tags") {
  CHECK(record_findings("v=BIMI1; a=https://example.com/v.pem") == "no-location location-empty");
  CHECK(record_findings("v=BIMI1; l=; a=https://example.com/v.pem") == "location-empty record");
  CHECK(record_findings("v=BIMI1; l=http://example.com/l.svg") == "not-https");
  CHECK(record_findings("v=BIMI1; l=HTTPS://example.com/l.svg; a=ftp://example.com/v.pem") ==
        "not-https");
  for (const auto* uri : {"example.com/l.svg", "https:///l.svg", "https://localhost/l.svg",
                          "https://192.0.2.1/l.svg", "https://example.com/a,b.svg",
                          "https://example.com/a b.svg", "https://example.com/\xc3\xa9.svg"}) {
    CAPTURE(uri);
    CHECK(record_findings(std::string("v=BIMI1; l=") + uri) == "bad-uri");
  }
  CHECK(record_findings("v=BIMI1; l=https://user@example.com:8443/l.svg?x=.png; a=") ==
        "record no-evidence");
  CHECK(record_findings("v=BIMI1; l=https://example.com/l.PNG?x=1") == "location-format");
  CHECK(record_findings("v=BIMI1; l=https://example.com/l.svg; l=") == "duplicate-tag");
  CHECK(record_findings("v=BIMI1; l=https://example.com/l.svg; what ever") == "syntax");
  CHECK(record_findings(std::string(good_record) + "; e=x; avp=personal") == "unknown-tag record");
  CHECK(record_findings(std::string(good_record) + "; avp=Brand") == "bad-avatar record");
  CHECK(record_findings(std::string(good_record) + "; lps=") == "record local-part-selectors");
  CHECK(record_findings(std::string(good_record) + "; lps=false") == "record");
  CHECK(record_findings(std::string(good_record) + "; lps=brand-, news") ==
        "record local-part-selectors");
  CHECK(record_findings(std::string(good_record) + "; lps=a,,b_c") ==
        "bad-prefix bad-prefix record local-part-selectors");
  const auto commas = bimi::parse_record("v=BIMI1; l=; lps=" + std::string(60'000, ','));
  CHECK(commas.problems.size() == bimi::max_record_problems);
}

TEST_CASE("what DMARC has to say") {
  const auto with = [](std::string_view dmarc, std::string_view domain = "example.com") {
    auto all = found(check(world(good_record, dmarc), domain));
    return all.substr(7, all.find(" not-fetched") - 7);
  };
  CHECK(with("v=DMARC1; p=quarantine") == "dmarc-enforcing");
  CHECK(with("v=DMARC1; p=none") == "dmarc-not-enforcing");
  CHECK(with("v=DMARC1; p=quarantine; t=y") == "dmarc-not-enforcing");
  CHECK(with("v=DMARC1; p=quarantine; pct=99") == "dmarc-partial");
  CHECK(with("v=DMARC1; p=reject; sp=none") == "dmarc-loose-organization");
  CHECK(with("v=DMARC1; p=reject; sp=none", "www.example.com") == "dmarc-not-enforcing");
  CHECK(with("something else") == "dmarc-missing");
  const auto own = world(good_record, "v=DMARC1; p=none");
  own->add("_dmarc.a.example.com", "v=DMARC1; p=reject");
  CHECK(found(check(own, "a.example.com")) == "record dmarc-loose-organization not-fetched");
}

TEST_CASE("DNS that does not answer decides nothing") {
  auto dns = world("");
  dns->fail("default._bimi.example.com", dns::Outcome::timeout);
  auto report = check(dns);
  CHECK(found(report) == "unanswered");
  CHECK(report.findings.front().severity == Severity::unknown);
  // The organizational domain is not asked where the domain itself may have had a record.
  dns = world(good_record);
  dns->fail("default._bimi.a.example.com", dns::Outcome::servfail);
  CHECK(found(check(dns, "a.example.com")) == "unanswered");
  dns = world(good_record);
  dns->fail("_dmarc.example.com", dns::Outcome::timeout);
  report = check(dns);
  CHECK(found(report) == "record dmarc-unknown not-fetched");
  CHECK(test::get(report.findings, "bimi.dmarc-unknown").severity == Severity::unknown);
  // Without the walk there is no organizational domain to look at.
  CHECK(found(check(dns, "a.example.com")) == "unanswered");
}

TEST_CASE("indicators as they should be") {
  CHECK(drawn(svg()) == "");
  CHECK(drawn("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg()) == "");
  CHECK(drawn(svg("<defs><linearGradient id=\"a\"><stop offset=\"0\"/></linearGradient></defs>"
                  "<g fill=\"url(#a)\"><circle r=\"3\"/><text>x<tspan>y</tspan></text></g>")) ==
        "");
  CHECK(
      drawn(svg("<defs><path id=\"p\" d=\"M0 0\"/></defs><use xmlns:xlink=\"http://www.w3.org/1999/"
                "xlink\" xlink:href=\"#p\"/>")) == "");
  CHECK(drawn(svg("<metadata><r:RDF xmlns:r=\"x\" onclick=\"1\"><r:a/></r:RDF></metadata>")) == "");
  const auto report = check(world(good_record), "example.com", "default", svg());
  CHECK(found(report) == "record dmarc-enforcing svg-valid");
  CHECK(report.indicator->title == "Example");
  CHECK(report.to_value()["indicator"]["view_box"].as_string() == "0 0 64 64");
}

TEST_CASE("the root of an indicator") {
  const auto root = [](std::string_view attributes, std::string_view inner) {
    return drawn("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\" " +
                 std::string(attributes) + ">" + std::string(inner) + "</svg>");
  };
  CHECK(root("version=\"1.1\" baseProfile=\"tiny\"", "<title>x</title>") == "base-profile version");
  CHECK(root("", "<title>x</title>") == "base-profile version");
  CHECK(root("version=\"1.2\" baseProfile=\"tiny-ps\"", "") == "no-title");
  CHECK(root("version=\"1.2\" baseProfile=\"tiny-ps\"", "<title> \n</title>") == "no-title");
  CHECK(root("version=\"1.2\" baseProfile=\"tiny-ps\"", "<g><title>x</title></g>") == "no-title");
  CHECK(root("version=\"1.2\" baseProfile=\"tiny-ps\" x=\"0\" y=\"0\"", "<title>x</title>") ==
        "position position");
  CHECK(drawn(svg("", "viewBox=\"0 0 64 63\"")) == "");
  CHECK(drawn(svg("", "viewBox=\"0,0,64,32\"")) == "not-square");
  CHECK(drawn(svg("", "viewBox=\"0 0 0 -1\"")) == "not-square");
  CHECK(drawn(svg("", "width=\"10px\" height=\"10px\"")) == "no-view-box");
  CHECK(drawn(svg("", "width=\"10\" height=\"20\"")) == "no-view-box not-square");
  CHECK(drawn("<html/>") == "no-svg");
  CHECK(drawn("<svg/>") == "no-svg");
}

TEST_CASE("what an indicator must not hold") {
  CHECK(drawn(svg("<script>alert(1)</script>")) == "script");
  CHECK(drawn(svg("<path onclick=\"alert(1)\"/>")) == "script");
  CHECK(drawn(svg("<circle><animate attributeName=\"r\"/></circle>")) == "animation");
  CHECK(drawn(svg("<image/>")) == "image");
  CHECK(drawn(svg("<svg/>")) == "element");
  CHECK(drawn(svg("<filter/><style/><filter/>")) == "element element");
  CHECK(drawn(svg("<i:layer xmlns:i=\"http://ns.example/\"/>")) == "element");
  CHECK(drawn(svg("<g style=\"fill:red\"/>")) == "style");
  CHECK(drawn(svg("<use href=\"https://example.com/x.svg#a\"/>")) == "external");
  CHECK(drawn(svg("<use href=\"data:image/png;base64,AA\"/>")) == "external");
  CHECK(drawn(svg("<g fill=\"URL( 'http://example.com/#a')\"/>")) == "external");
  CHECK(drawn("<?xml-stylesheet href=\"a.css\"?>" + svg()) == "external");
  CHECK(drawn("<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/x.dtd\">" +
              svg()) == "doctype");
}

TEST_CASE("hostile indicators") {
  CHECK(drawn("") == "not-xml");
  CHECK(drawn("PNG") == "not-xml");
  CHECK(drawn(svg("<g>")) == "not-xml");
  CHECK(drawn("\x1f\x8b\x08") == "compressed");
  CHECK(drawn(svg(std::string(40000, ' '))) == "too-big");
  CHECK(drawn(std::string(bimi::max_indicator_octets + 1, ' ')) == "too-big");
  std::string laughs = "<!DOCTYPE s [<!ENTITY a \"ha\">";
  for (char c = 'b'; c <= 'z'; ++c)
    laughs += std::string("<!ENTITY ") + c + " \"&" + static_cast<char>(c - 1) + ";&" +
              static_cast<char>(c - 1) + ";\">";
  CHECK(drawn(laughs + "]>" + svg("&z;")) == "doctype entity");
  CHECK(drawn("<!DOCTYPE s [<!ENTITY % a SYSTEM \"file:///etc/passwd\"> %a;]>" + svg()) ==
        "doctype entity");
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += "<g>";
  CHECK(drawn(svg(deep)) == "too-big not-xml");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "<x" + std::to_string(i) + "/>";
  CHECK(bimi::check_indicator(svg(many)).problems.size() == bimi::max_indicator_problems);
  const auto title = bimi::check_indicator(
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" "
                         "baseProfile=\"tiny-ps\" viewBox=\"0 0 1 "
                         "1\"><title>" +
                         std::string(1000, 'x') + "</title></svg>")
                         .title;
  CHECK(title.size() == 200);
}

}  // namespace
}  // namespace maildiag::checks
