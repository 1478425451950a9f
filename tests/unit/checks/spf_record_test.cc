#include "checks/spf_record.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace maildiag::checks::spf {
namespace {

Record parse(const std::string& terms) {
  return parse_record("v=spf1 " + terms);
}

TEST_CASE("a record begins with its version and a space") {
  for (const auto* text : {"v=spf1", "v=spf1 ", "V=SPF1 -all"}) CHECK(is_spf_record(text));
  for (const auto* text : {"", "v=spf", "v=spf10", "v=spf1\t-all", " v=spf1", "v=spf2", "v=spf1;"})
    CHECK_FALSE(is_spf_record(text));
}

TEST_CASE("every term becomes a directive or a modifier") {
  const auto record = parse(
      "+a  mx:mail.example.com/24//64 -ip4:192.0.2.77/24 ~ip6:2001:db8::/32 ?include:_spf.%{d} "
      "EXISTS:%{i}.x.org ptr"
      " redirect=other.example exp=why.example moo=cow -ALL ");
  REQUIRE(record.errors.empty());
  REQUIRE(record.directives.size() == 8);
  CHECK(record.terms.size() == 11);
  const auto& mx = record.directives[1];
  CHECK(mx.mechanism == Mechanism::mx);
  CHECK(mx.prefix4 == 24);
  CHECK(mx.prefix6 == 64);
  const auto& ip4 = record.directives[2];
  CHECK(ip4.qualifier == Qualifier::fail);
  CHECK(ip4.network->to_string() == "192.0.2.0/24");
  CHECK(ip4.host_bits);
  CHECK_FALSE(ip4.asks_dns());
  CHECK(record.directives[3].qualifier == Qualifier::softfail);
  CHECK(record.directives[4].qualifier == Qualifier::neutral);
  CHECK(record.directives[5].mechanism == Mechanism::exists);
  CHECK(record.directives[6].asks_dns());
  CHECK(record.directives[7].position == 10);
  CHECK(record.redirect->value == "other.example");
  CHECK(record.explanation->position == 8);
  CHECK(record.others.front().name == "moo");
}

TEST_CASE("each syntax error has its name") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"moo", "unknown-mechanism"},
      {"all.", "unknown-mechanism"},
      {"ipv4:192.0.2.1", "unknown-mechanism"},
      {"-", "unknown-mechanism"},
      {"redirect:example.com", "modifier-with-colon"},
      {"exp:example.com", "modifier-with-colon"},
      {"-redirect=example.com", "qualifier-on-modifier"},
      {"=all", "bad-modifier-name"},
      {"1up=foo", "bad-modifier-name"},
      {"redirect=a.example redirect=b.example", "duplicate-modifier"},
      {"exp=a.example EXP=b.example", "duplicate-modifier"},
      {"include", "argument-missing"},
      {"include:", "argument-missing"},
      {"exists", "argument-missing"},
      {"a:", "argument-missing"},
      {"a:/24", "argument-missing"},
      {"ip4", "argument-missing"},
      {"ip6:", "argument-missing"},
      {"redirect=", "argument-missing"},
      {"all:foo.example", "argument-not-allowed"},
      {"all/8", "argument-not-allowed"},
      {"ptr/0", "argument-not-allowed"},
      {"include/24", "argument-not-allowed"},
      {"ip4:1.2.3", "bad-ip4"},
      {"ip4:1.2.3.256", "bad-ip4"},
      {"ip4:1.2.3.04", "bad-ip4"},
      {"ip4:1.2.3.4:25", "bad-ip4"},
      {"ip4:2001:db8::1", "bad-ip4"},
      {"ip4:mail.example.com", "bad-ip4"},
      {"ip6:192.0.2.1", "bad-ip6"},
      {"ip6::CAFE::BABE", "bad-ip6"},
      {"ip6:[2001:db8::1]", "bad-ip6"},
      {"ip6:fe80::1%eth0", "bad-ip6"},
      {"a:192.0.2.1", "ip-as-name"},
      {"mx:192.0.2.1/24", "ip-as-name"},
      {"include:2001:db8::1", "ip-as-name"},
      {"ip4:192.0.2.1/33", "bad-prefix-length"},
      {"ip4:192.0.2.1/", "bad-prefix-length"},
      {"ip4:192.0.2.1/032", "bad-prefix-length"},
      {"ip4:192.0.2.1//32", "bad-prefix-length"},
      {"ip6:2001:db8::/129", "bad-prefix-length"},
      {"a/33", "bad-prefix-length"},
      {"a//129", "bad-prefix-length"},
      {"a/24/64", "bad-prefix-length"},
      {"mx:example.com/99999999999", "bad-prefix-length"},
      {"include:example.com/24", "bad-prefix-length"},
      {"a:%(d).example.com", "bad-macro"},
      {"moo=%abc", "bad-macro"},
      {"exp=%{r}.example.com", "bad-macro"},
      {"a:localhost", "bad-domain-spec"},
      {"include:example.com:25", "bad-domain-spec"},
      {"include:user@example.c_m", "bad-domain-spec"},
      {std::string("a:example.com\0", 14), "bad-character"},
      {"a:b\xc3\xbc"
       "cher.example",
       "bad-character"},
      {"ip4:192.0.2.1\tip4:192.0.2.2", "bad-character"},
  };
  for (const auto& each : cases) {
    const auto& terms = each.first;
    // Wherever the term stands, what is right around it does not hide it.
    const auto record = parse("ip4:192.0.2.9 " + terms + " -all");
    REQUIRE_MESSAGE(record.errors.size() == 1, terms);
    CHECK_MESSAGE(to_string(record.errors.front().problem) == each.second, terms);
  }
}

TEST_CASE("errors are collected up to a bound") {
  std::string terms;
  for (int i = 0; i < 10000; ++i) terms += "? ";
  const auto record = parse(terms);
  CHECK(record.errors.size() == max_syntax_errors);
  CHECK(record.terms.size() == 10000);
  CHECK(record.errors.back().position == max_syntax_errors - 1);
}

TEST_CASE("unknown modifiers may use every macro letter") {
  const auto record = parse("moo=%{c}%{t} rp=50 ra=postmaster");
  CHECK(record.errors.empty());
  CHECK(record.others.size() == 3);
}

TEST_CASE("records are selected out of all TXT records") {
  dns::Answer answer;
  const auto add = [&](std::vector<std::string> strings) {
    answer.records.push_back(
        {DomainName(), dns::RecordType::txt, 0, dns::TxtData{std::move(strings)}});
  };
  add({"google-site-verification=x"});
  add({});
  add({"v=spf1 ip4:", "192.0.2.1 -all"});
  add({"v=spf1", "mx"});
  CHECK(select_records(answer) == std::vector<std::string>{"v=spf1 ip4:192.0.2.1 -all"});
  for (int i = 0; i < 100; ++i) add({"v=spf1 -all"});
  CHECK(select_records(answer).size() == max_records);
}

}  // namespace
}  // namespace maildiag::checks::spf
