#include "core/domain_name.h"

#include <unordered_set>

#include <doctest/doctest.h>

using maildiag::DomainName;

TEST_CASE("presentation form keeps any octet") {
  const auto name = DomainName::parse("a\\.b.c\\000d.Example.COM.");
  REQUIRE(name);
  CHECK(name->label_count() == 4);
  CHECK(name->to_string() == "a\\.b.c\\000d.Example.COM");
  CHECK(DomainName::from_wire(name->wire()) == name);
  CHECK(DomainName::parse(name->to_string()) == name);
}

TEST_CASE("limits of RFC 1035 section 2.3.4") {
  const std::string label(63, 'a');
  CHECK(DomainName::parse(label));
  CHECK_FALSE(DomainName::parse(label + "a"));
  CHECK_FALSE(DomainName::parse("a..b"));
  CHECK_FALSE(DomainName::parse(".host"));
  CHECK_FALSE(DomainName::parse(""));
  CHECK_FALSE(DomainName::parse("a\\25"));
  CHECK_FALSE(DomainName::parse("a\\256"));
  CHECK_FALSE(DomainName::parse("a\\"));
  CHECK(DomainName::parse(label + "." + label + "." + label + "." + std::string(61, 'b')));
  CHECK_FALSE(DomainName::parse(label + "." + label + "." + label + "." + std::string(62, 'b')));
  CHECK(DomainName::parse(".")->is_root());
}

TEST_CASE("names compare and hash without case") {
  const auto a = *DomainName::parse("MX.Example.com"), b = *DomainName::parse("mx.example.COM");
  CHECK(a == b);
  CHECK(std::unordered_set<DomainName>{a, b}.size() == 1);
  CHECK(a.key() == "mx.example.com");
  CHECK((a <=> b) == std::strong_ordering::equal);
}

TEST_CASE("ancestors and children") {
  const auto name = *DomainName::parse("a.b.example.com");
  CHECK(name.parent().to_string() == "b.example.com");
  CHECK(name.suffix(2).to_string() == "example.com");
  CHECK(name.is_under(*DomainName::parse("EXAMPLE.com")));
  CHECK(name.is_under(name));
  CHECK(name.is_under(DomainName()));
  CHECK_FALSE(name.is_under(*DomainName::parse("xample.com")));
  CHECK(name.suffix(2).child("_dmarc")->to_string() == "_dmarc.example.com");
  CHECK_FALSE(name.child(std::string(63, 'x') + "." + std::string(63, 'x') + "." +
                         std::string(63, 'x') + "." + std::string(63, 'x')));
  CHECK(DomainName().parent().is_root());
}

TEST_CASE("what users type") {
  CHECK(DomainName::from_user(" Example.COM. ")->to_string() == "Example.COM");
  CHECK(DomainName::from_user("메일.한국")->to_string() == "xn--h32bq4v.xn--3e0b707e");
  CHECK(DomainName::from_user("_dmarc.메일.한국")->to_string() ==
        "_dmarc.xn--h32bq4v.xn--3e0b707e");
  // libidn2 reads a label up to a NUL: this would be paypal.com.
  CHECK_FALSE(DomainName::from_user(std::string("paypal\0\xc3\xa9.com", 13)));
  CHECK_FALSE(DomainName::from_user("192.0.2.1"));
  CHECK_FALSE(DomainName::from_user("\u200b192.0.2.1"));
  CHECK_FALSE(DomainName::from_user("\uff11\uff19\uff12.0.2.1"));
  CHECK_FALSE(DomainName::from_user("a b.example"));
  CHECK_FALSE(DomainName::from_user("user@example.com"));
  CHECK_FALSE(DomainName::from_user("a..b"));
  CHECK_FALSE(DomainName::from_user(""));
  CHECK_FALSE(DomainName::from_user(std::string("a\0b", 3)));
}
