#include "checks/dmarc_record.h"

#include <string>

#include <doctest/doctest.h>

namespace maildiag::checks::dmarc {
namespace {

bool has(const Record& record, Fault fault) {
  for (const auto& problem : record.problems) {
    if (problem.fault == fault) return true;
  }
  return false;
}

std::string hosts(const Record& record) {
  std::string out;
  for (const auto& uri : record.uris)
    out += uri.tag + ":" + (uri.host ? uri.host->to_string() : "-") + " ";
  return out;
}

TEST_CASE("what is a DMARC record") {
  for (const auto* text : {"v=DMARC1", "v=DMARC1;", "v = DMARC1 ; p=none", "V=DMARC1; p=none"})
    CHECK_MESSAGE(is_record(text), text);
  for (const auto* text :
       {"", "v", "v=", "v=dmarc1; p=none", "v=DMARC2", "v=DMARC1 p=none", "v=DMARC1x;",
        " v=DMARC1; p=none", "p=none; v=DMARC1", "vv=DMARC1", "v=spf1 -all", "v;=DMARC1"})
    CHECK_MESSAGE(!is_record(text), text);
  CHECK(looks_like_record("v=dmarc1; p=none"));
  CHECK(looks_like_record("p=none; v=DMARC1"));
  CHECK(!looks_like_record("v=DMARC1; p=none"));
  CHECK(!looks_like_record("google-site-verification=x"));
}

TEST_CASE("tags are read, whatever stands around them") {
  const auto record = parse_record(
      "v=DMARC1;p=Reject ; sp = quarantine;np=none; adkim=s; aspf=R; psd=n; t=y; fo=1:d:s;"
      "rua=mailto:a@example.com, mailto:b@example.net ; ruf=mailto:c@example.org;");
  CHECK(record.p == Policy::reject);
  CHECK(record.sp == Policy::quarantine);
  CHECK(record.np == Policy::none);
  CHECK(record.adkim == AlignmentMode::strict);
  CHECK(record.aspf == AlignmentMode::relaxed);
  CHECK(record.psd == Psd::no);
  CHECK(record.test_mode);
  CHECK(record.has_fo);
  CHECK(record.p_is_second);
  CHECK(hosts(record) == "rua:example.com rua:example.net ruf:example.org ");
  CHECK(record.problems.empty());
}

TEST_CASE("a fault costs no more than its own part") {
  const auto record = parse_record("v=DMARC1; nonsense; ;p=reject; p=none; x=; zz=1; P=none");
  CHECK(record.p == Policy::reject);
  CHECK(has(record, Fault::syntax));
  CHECK(has(record, Fault::duplicate));
  CHECK(has(record, Fault::unknown_tag));
  CHECK(has(record, Fault::tag_case));
  CHECK(has(parse_record("V=DMARC1; p=none"), Fault::version_case));
}

TEST_CASE("values that no tag allows leave the default") {
  const auto record = parse_record("v=DMARC1; p=none; adkim=x; psd=maybe; t=1; fo=0:1; aspf=s");
  CHECK(record.adkim == AlignmentMode::relaxed);
  CHECK(record.aspf == AlignmentMode::strict);
  CHECK(record.psd == Psd::undeclared);
  CHECK(!record.test_mode);
  CHECK(record.problems.size() == 4);
  CHECK(has(parse_record("v=DMARC1; p=none; fo=d:d"), Fault::bad_value));
  CHECK(!has(parse_record("v=DMARC1; p=none; fo=d:0:s"), Fault::bad_value));
}

TEST_CASE("policies must all be valid") {
  CHECK(parse_record("v=DMARC1; p=none").has_valid_policies());
  CHECK(!parse_record("v=DMARC1; sp=none").has_valid_policies());
  CHECK(!parse_record("v=DMARC1; p=none; sp=rejekt").has_valid_policies());
  // An empty value is no dmarc-value: a syntax error, the tag is not there.
  CHECK(parse_record("v=DMARC1; p=none; np=").has_valid_policies());
}

TEST_CASE("withdrawn tags") {
  CHECK(has(parse_record("v=DMARC1; p=none; pct=20"), Fault::withdrawn_pct));
  CHECK(parse_record("v=DMARC1; p=none; pct=20").pct == 20);
  CHECK(has(parse_record("v=DMARC1; p=none; pct=100"), Fault::withdrawn_tag));
  CHECK(!parse_record("v=DMARC1; p=none; pct=101").pct);
  CHECK(!parse_record("v=DMARC1; p=none; pct=4294967297").pct);
  CHECK(has(parse_record("v=DMARC1; p=none; rf=afrf"), Fault::withdrawn_tag));
  CHECK(has(parse_record("v=DMARC1; p=none; ri=86400"), Fault::withdrawn_tag));
}

TEST_CASE("reporting URIs") {
  const auto read = [](std::string value) {
    return parse_record("v=DMARC1; p=none; rua=" + value);
  };
  CHECK(hosts(read("mailto:a@example.com!10m")) == "rua:example.com ");
  CHECK(has(read("mailto:a@example.com!10m"), Fault::report_size));
  CHECK(hosts(read("MAILTO:a%21b%2Cc@example.com?subject=x")) == "rua:example.com ");
  CHECK(hosts(read("https://example.com/report")) == "rua:- ");
  CHECK(has(read("https://example.com/report"), Fault::uri_scheme));
  for (const auto* bad :
       {"a@example.com", "mailto:", "mailto:example.com", "mailto:@example.com", "mailto:a@b@c.d",
        "mailto:a b@example.com", "mailto:a!b@example.com", "mailto:a%2@example.com",
        "mailto:a@exa..mple", "mailto:a%40b@example.com", ":x", "1x:y", "mailto:a@[192.0.2.1]"}) {
    const auto record = read(bad);
    CHECK_MESSAGE(has(record, Fault::bad_uri), bad);
    CHECK_MESSAGE(record.uris.empty(), bad);
  }
  CHECK(hosts(read(",mailto:a@example.com,")) == "rua:example.com ");
  CHECK(has(read(",mailto:a@example.com,"), Fault::bad_uri));
}

TEST_CASE("hostile records") {
  using namespace std::string_literals;
  const auto control = parse_record("v=DMARC1; p=re\0ject; sp=\x1b[31mnone; np=\xff; t=y"s);
  CHECK(!control.p);
  CHECK(!control.has_sp);
  CHECK(control.problems.size() == 3);
  CHECK(control.test_mode);

  std::string tags = "v=DMARC1; p=reject";
  for (int i = 0; i < 10000; ++i) tags += ";a" + std::to_string(i) + "=x";
  CHECK(parse_record(tags).p == Policy::reject);
  CHECK(has(parse_record(tags), Fault::too_many));
  CHECK(parse_record(tags).problems.size() < 300);

  CHECK(has(parse_record("v=DMARC1" + std::string(65000, ';')), Fault::too_many));
  std::string uris = "v=DMARC1; p=none; rua=";
  for (int i = 0; i < 3000; ++i) uris += "mailto:a@example.com,";
  CHECK(parse_record(uris).uris.size() == max_uris);
  CHECK(has(parse_record(uris), Fault::too_many_uris));
  CHECK(parse_record("v=DMARC1; p=none; rua=" + std::string(65000, 'x')).uris.empty());
  CHECK(!is_record(std::string(65000, 'v')));
}

}  // namespace
}  // namespace maildiag::checks::dmarc
