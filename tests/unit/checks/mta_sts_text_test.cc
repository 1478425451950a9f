#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "checks/mta_sts_policy.h"
#include "checks/mta_sts_record.h"
#include "support/memory_backend.h"

namespace maildiag::checks::mta_sts {
namespace {

using test::raw_name;

std::string ids(const std::vector<tls_text::Problem>& problems) {
  std::string text;
  for (const auto& problem : problems)
    text += (text.empty() ? "" : " ") + problem.id.substr(std::string("mta-sts.").size()) +
            (problem.line > 0 ? "@" + std::to_string(problem.line) : "");
  return text;
}
std::string record_ids(std::string_view text) {
  return ids(parse_record(text).problems);
}
std::string policy_ids(std::string_view text) {
  return ids(parse_policy(text).problems);
}

TEST_CASE("a record's id is letters and digits, 32 at most") {
  const auto record = parse_record("v=STSv1; id=20261122T01;");
  CHECK(record.usable());
  CHECK(record.id == "20261122T01");
  CHECK(record_ids("v=STSv1; id=" + std::string(32, 'a')) == "");
  CHECK(record_ids("v=STSv1; id=" + std::string(33, 'a')) == "bad-id");
  CHECK(record_ids("v=STSv1; id=2026-11-22") == "bad-id");
  CHECK(record_ids("v=STSv1; ID=a") == "unknown-field no-id");
  CHECK(record_ids("v=STSv1") == "no-id");
}

TEST_CASE("of fields that stand twice the first counts") {
  const auto record = parse_record("v=STSv1; id=a; id=b; x=y");
  CHECK(record.usable());
  CHECK(record.id == "a");
  CHECK(ids(record.problems) == "duplicate-field unknown-field");
}

TEST_CASE("white space where senders that go by the letter want none is told, and harmless") {
  CHECK(record_ids("v=STSv1 ; id=a") == "odd-space");
  CHECK(record_ids("v=STSv1; id=a ") == "odd-space");
  CHECK(record_ids("v=STSv1; id=a ; ") == "");
  CHECK(parse_record("v=STSv1 ; id=a").usable());
}

TEST_CASE("what is no field list is a fault where it begins") {
  for (const std::string_view text :
       {"v=STSv1 id=a", "v=STSv1; id=a;;", "v=STSv1; ;id=a", "v=STSv1; id", "v=STSv1; =a",
        "v=STSv1; id =a", "v=STSv1; id=a; x=\x01", "v=STSv1; id=a\xc2\xa0; \xff=1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_record(text).usable());
  }
  std::string many = "v=STSv1; id=a";
  for (std::size_t i = 0; i < tls_text::max_fields; ++i) many += "; x=y";
  CHECK_FALSE(parse_record(many).usable());
}

TEST_CASE("which texts are records, and which only look like one") {
  CHECK(is_record("v=STSv1"));
  CHECK(is_record("v=STSv1\t; id=a"));
  CHECK_FALSE(is_record("v=STSv10; id=a"));
  CHECK_FALSE(is_record(" v=STSv1; id=a"));
  CHECK(looks_like_record(" v=STSv1; id=a"));
  CHECK(looks_like_record("v=stsv1; id=a"));
  CHECK(looks_like_record("id=a; v=STSv1"));
  CHECK_FALSE(looks_like_record("v=spf1 -all"));
  CHECK_FALSE(looks_like_record(""));
}

TEST_CASE("a policy with everything") {
  const auto policy = parse_policy(
      "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\n"
      "max_age: 604800\r\n");
  CHECK(policy.usable());
  CHECK(policy.problems.empty());
  CHECK(policy.mode == Mode::enforce);
  CHECK(policy.max_age == 604800U);
  CHECK(policy.patterns == std::vector<std::string>{"mx1.example.com", "*.example.net"});
}

TEST_CASE("what a policy lacks is named, and where its faults stand") {
  CHECK(policy_ids("") == "policy-version policy-mode policy-max-age");
  CHECK(policy_ids("version: STSv1\nmode: testing\nmax_age: 5\n") == "policy-no-mx");
  CHECK(policy_ids("version: STSv1\nmode: none\nmax_age: 5\n") == "");
  CHECK(policy_ids("version: STSv1\nmode: None\nmax_age: 5\n") == "policy-mode@2");
  CHECK(policy_ids("version: STSv1\nmode: none\nmax_age: 31557600\n") == "");
  for (const std::string_view age :
       {"31557601", "4294967296", "99999999999", "-1", "+1", "1e3", "0x10", "", "1 2", "12h"}) {
    CAPTURE(age);
    CHECK(policy_ids("version: STSv1\nmode: none\nmax_age: " + std::string(age)) ==
          "policy-max-age@3");
  }
  CHECK(policy_ids("version: STSv1\nmode: none\n\nmax_age: 5\nmx 1\n") ==
        "policy-blank-line@3 policy-syntax@5");
  CHECK(policy_ids("version: STSv1\nmode: none\nmax_age: 5\nmode: enforce\nx: y\n") ==
        "policy-duplicate-field@4 policy-unknown-field@5");
}

TEST_CASE("an mx pattern is a host name, or one below a star") {
  const auto fault = [](const std::string& pattern) {
    return policy_ids("version: STSv1\nmode: enforce\nmax_age: 604800\nmx: " + pattern + "\n");
  };
  CHECK(fault("localhost") == "");
  CHECK(fault("*.example.com") == "");
  for (const std::string pattern :
       {"mx.example.com.", ".example.com", "*", "*.", "mx*.example.com", "*.*.example.com",
        "mx1.example.com, mx2.example.com", "mx..example.com", "-mx.example.com",
        "mx_1.example.com", "https://mx.example.com", "[192.0.2.1]"}) {
    CAPTURE(pattern);
    CHECK(fault(pattern) == "policy-mx@4");
  }
  CHECK(fault(std::string(64, 'a') + ".example") == "policy-mx@4");
  CHECK(fault("") == "policy-mx@4");
}

TEST_CASE("a web page, binary octets and a flood of lines are no policy") {
  CHECK_FALSE(parse_policy("<!DOCTYPE html>\n<html><body>404</body></html>\n").usable());
  CHECK_FALSE(parse_policy(std::string_view("\0\xff\xfe\x1b[2J", 8)).usable());
  std::string flood;
  while (flood.size() < max_policy_octets) flood += "\n:\n";
  const auto policy = parse_policy(flood);
  CHECK_FALSE(policy.usable());
  CHECK(policy.problems.size() <= tls_text::max_problems);
  std::string patterns = "version: STSv1\nmode: enforce\nmax_age: 604800\n";
  for (std::size_t i = 0; i < 2 * max_patterns; ++i) patterns += "mx: a.example\n";
  CHECK(parse_policy(patterns).patterns.size() == max_patterns);
}

TEST_CASE("problems are capped, but what spoils a policy is never lost among them") {
  std::string text;
  for (std::size_t i = 0; i < 2 * tls_text::max_problems; ++i) text += "\n";
  CHECK_FALSE(parse_policy(text).usable());
}

TEST_CASE("a star stands for one label, whatever the case") {
  CHECK(matches("MX.example.com", raw_name("mx.EXAMPLE.com")));
  CHECK(matches("*.example.com", raw_name("mail.example.com")));
  CHECK_FALSE(matches("*.example.com", raw_name("example.com")));
  CHECK_FALSE(matches("*.example.com", raw_name("foo.bar.example.com")));
  CHECK_FALSE(matches("*.example.com", raw_name("")));
  CHECK_FALSE(matches("mx.example.com", raw_name("mx.example.com.example.com")));
}

}  // namespace
}  // namespace maildiag::checks::mta_sts
