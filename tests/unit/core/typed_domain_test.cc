#include "core/typed_domain.h"

#include <doctest/doctest.h>

namespace maildiag {
namespace {

TEST_CASE("a label that begins with xn-- has to be the A-label of something") {
  CHECK(domain_from_user("xn--3e0b707e.example")->to_string() == "xn--3e0b707e.example");
  CHECK(domain_from_user("XN--BCHER-KVA.example").has_value());
  CHECK(domain_from_user("b\u00fccher.example")->to_string() == "xn--bcher-kva.example");
  // Emoji are not allowed by RFC 5892, but registered.
  CHECK(domain_from_user("xn--ls8h.la").has_value());
  CHECK_FALSE(domain_from_user("xn--a"));  // U+0080
  CHECK_FALSE(domain_from_user("xn--a.com"));
  CHECK_FALSE(domain_from_user("mail.xn--"));             // nothing
  CHECK_FALSE(domain_from_user("xn--example-.com"));      // plain ASCII
  CHECK_FALSE(domain_from_user("xn--zzzzzzz99999.com"));  // no punycode
}

TEST_CASE("everything else is as from_user() says") {
  CHECK(domain_from_user(" _dmarc.example.com. ")->to_string() == "_dmarc.example.com");
  CHECK_FALSE(domain_from_user("192.0.2.1"));
  CHECK_FALSE(domain_from_user("a..b"));
}

TEST_CASE("a name that a URL's readers take for an address ends in a number") {
  for (const char* name : {"0x7f.1", "127.1", "1", "a.0X7F", "256.256.256.256", "0x"})
    CHECK_MESSAGE(ends_in_number(*DomainName::parse(name)), name);
  for (const char* name : {"1.example", "0x7f.1.example", "x1", "1a", "."})
    CHECK_MESSAGE(!ends_in_number(*DomainName::parse(name)), name);
}

TEST_CASE("a host's whole name is no mistyped address, network or range") {
  CHECK(host_from_user("mail.example.com.")->to_string() == "mail.example.com");
  CHECK(host_from_user("b\u00fccher.\ud55c\uad6d").has_value());
  CHECK(host_from_user("192.0.2.1.example").has_value());
  for (const char* text :
       {"", "mailhost", "192.0.2.1", "192.0.2.555", "192.0.2.0/24", "192.0.2.0/33",
        "example.com/24", "192.0.2.1-192.0.2.9", "192.0.2.1-9", "a b.example"})
    CHECK_MESSAGE(!host_from_user(text), text);
}

}  // namespace
}  // namespace maildiag
