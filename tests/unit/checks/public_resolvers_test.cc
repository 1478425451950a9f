#include "checks/public_resolvers.h"

#include <doctest/doctest.h>

using maildiag::IpAddress;
using maildiag::checks::public_resolver;

TEST_CASE("public resolvers are known, also written as IPv6; others are not") {
  const auto name = [](const char* ip) { return public_resolver(*IpAddress::parse(ip)); };
  CHECK(name("8.8.8.8") == "Google Public DNS");
  CHECK(name("::ffff:1.1.1.1") == "Cloudflare");
  CHECK(name("2001:4860:4860::8844") == "Google Public DNS");
  CHECK(name("168.126.63.1") == "KT");
  CHECK(name("127.0.0.1").empty());
  CHECK(name("192.0.2.53").empty());
  CHECK(name("8.8.8.9").empty());
}
