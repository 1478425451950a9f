#include "checks/spf_macro.h"

#include <string>

#include <doctest/doctest.h>

namespace maildiag::checks::spf {
namespace {

/// The example of RFC 7208 section 7.4.
MacroValues example() {
  MacroValues values;
  values.local_part = "strong-bad";
  values.sender_domain = "email.example.com";
  values.domain = "email.example.com";
  values.ip = IpAddress::parse("192.0.2.3").value();
  values.validated = "mx.example.org";
  values.helo = "mx.example.org";
  values.receiver = "mx.example.net";
  values.now = 1000;
  return values;
}

std::string name(std::string_view text, const MacroValues& values = example()) {
  const auto macro = parse_macro_string(text, MacroUse::name);
  return macro ? expand_name(*macro, values) : "(invalid)";
}

std::string explanation(std::string_view text, const MacroValues& values = example()) {
  const auto macro = parse_macro_string(text, MacroUse::explanation);
  return macro ? expand_explanation(*macro, values) : "(invalid)";
}

TEST_CASE("macros expand as in RFC 7208 section 7.4") {
  CHECK(name("%{s}") == "strong-bad@email.example.com");
  CHECK(name("%{o}") == "email.example.com");
  CHECK(name("%{d4}") == "email.example.com");
  CHECK(name("%{d3}") == "email.example.com");
  CHECK(name("%{d2}") == "example.com");
  CHECK(name("%{d1}") == "com");
  CHECK(name("%{dr}") == "com.example.email");
  CHECK(name("%{d2r}") == "example.email");
  CHECK(name("%{l}") == "strong-bad");
  CHECK(name("%{l-}") == "strong.bad");
  CHECK(name("%{lr}") == "strong-bad");
  CHECK(name("%{lr-}") == "bad.strong");
  CHECK(name("%{l1r-}") == "strong");
  CHECK(name("%{ir}.%{v}._spf.%{d2}") == "3.2.0.192.in-addr._spf.example.com");
  CHECK(name("%{lr-}.lp._spf.%{d2}") == "bad.strong.lp._spf.example.com");
  CHECK(name("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}") ==
        "bad.strong.lp.3.2.0.192.in-addr._spf.example.com");
  CHECK(name("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}") == "3.2.0.192.in-addr.strong.lp._spf.example.com");
  CHECK(name("%{d2}.trusted-domains.example.net") == "example.com.trusted-domains.example.net");
}

TEST_CASE("an IPv6 address becomes upper-case nibbles, and plain text in %{c}") {
  auto values = example();
  values.ip = IpAddress::parse("2001:db8::cb01").value();
  CHECK(name("%{ir}.%{v}._spf.%{d2}", values) ==
        "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com");
  CHECK(explanation("%{c}", values) == "2001:db8::cb01");
}

TEST_CASE("upper-case letters escape, letters of explanations stay there") {
  auto values = example();
  values.local_part = "a b/c~d\xff";
  CHECK(name("%{L}.%{d}", values) == "a%20b%2Fc~d%FF.email.example.com");
  CHECK(explanation("%{R} at %{T}, 100%%%_%-") == "mx.example.net at 1000, 100% %20");
  for (const auto* text : {"%{c}", "%{r}", "%{t}"}) CHECK(name(text) == "(invalid)");
  CHECK(name("a b") == "(invalid)");
}

TEST_CASE("what is no macro is refused") {
  for (const auto* text : {"%", "a%", "%a", "%(d)", "%{", "%{d", "%{}", "%{x}", "%{d0}", "%{d00}",
                           "%{dd}", "%{dr2}", "%{d!}", "%{1d}", "%{ d}", "\x7f", "\xc3\xbc", "\t"})
    CHECK_MESSAGE(name(text) == "(invalid)", text);
  // Digits that overflow any integer only mean "all parts".
  CHECK(name("%{d99999999999999999999999}") == "email.example.com");
  CHECK(name("%{D2R}") == "example.email");
}

TEST_CASE("a long name loses labels on its left, and only as many as needed") {
  MacroValues values;
  for (int i = 0; i < 60; ++i) values.domain += "abcd.";
  values.domain += "example.com";  // 311 octets
  const auto cut = name("%{d}", values);
  CHECK(cut.size() <= max_query_name);
  CHECK(cut.size() + 5 > max_query_name);
  CHECK(values.domain.ends_with("." + cut));
  CHECK(cut.starts_with("abcd."));

  // However often it is repeated, memory and result stay bounded.
  std::string repeated;
  for (int i = 0; i < 5000; ++i) repeated += "%{d}.";
  CHECK(name(repeated, values).size() <= max_query_name);
  CHECK(explanation(repeated, values).size() == max_explanation);
  // One label above the limit cannot be cut, and is no name.
  values.domain = std::string(300, 'a');
  CHECK_FALSE(to_domain_name(name("%{d}", values)).has_value());
}

TEST_CASE("an explanation is printable ASCII or nothing") {
  auto values = example();
  values.local_part = "evil\x1b[31m";
  CHECK(explanation("%{l} is not allowed", values).empty());
  CHECK(explanation("%{L} is not allowed", values) == "evil%1B%5B31m is not allowed");
  CHECK(explanation("tab\t") == "(invalid)");
}

TEST_CASE("a domain-spec ends in a toplabel or in a macro") {
  for (const auto* text :
       {"example.com", "example.com.", "a.b", "%{d}", "x%{d}", "%{l}.example.com",
        "foo:bar/baz.com", "a...b", ".com", "example.xn--p1ai", "example.a-1", "a.1a", "%%",
        "example.com%_", "!.com"})
    CHECK_MESSAGE(parse_domain_spec(text).has_value(), text);
  for (const auto* text :
       {"", "com", "com.", "1.2.3.4", "example.123", "example.-com", "example.com-", "example.c_m",
        "example.com:8080", "example.com/24", "%{d}com", "%{d}/24", "%{l.}com", "a.b..", "example.",
        "example.com ", "%{x}.com"})
    CHECK_MESSAGE(!parse_domain_spec(text).has_value(), text);
}

TEST_CASE("what depends on the mail is known") {
  CHECK_FALSE(parse_domain_spec("_spf.%{d}")->depends_on_mail());
  CHECK_FALSE(parse_domain_spec("%{o2}")->depends_on_mail());
  CHECK(parse_domain_spec("%{i}.example.com")->depends_on_mail());
  CHECK(parse_domain_spec("%{L}.example.com")->uses('l'));
}

}  // namespace
}  // namespace maildiag::checks::spf
