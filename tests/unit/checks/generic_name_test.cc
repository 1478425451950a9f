#include "checks/generic_name.h"

#include <string_view>

#include <doctest/doctest.h>

using namespace maildiag;

namespace {
bool generic(std::string_view name, std::string_view ip) {
  return checks::looks_generic(*DomainName::parse(name), *IpAddress::parse(ip));
}
}  // namespace

TEST_CASE("names that carry the address are generic") {
  CHECK(generic("ool-6c3a22a6.static.optonline.net", "108.58.34.166"));
  CHECK(generic("rrcs-45-59-254-222.west.biz.rr.com", "45.59.254.222"));
  CHECK(generic("222.254.59.45.static.example.net", "45.59.254.222"));
  CHECK(generic("host203000113007.example.net", "203.0.113.7"));
  CHECK(generic("ec2-203-0-113-7.ap-northeast-2.compute.amazonaws.com", "203.0.113.7"));
  CHECK(generic("2001-db8-1-2-3456-789a-0005-0006.v6.example.net", "2001:db8:1:2:3456:789a:5:6"));
}

TEST_CASE("access-line words count with a number only") {
  CHECK(generic("dsl17.pool.example.net", "203.0.113.7"));
  CHECK(generic("adsl-4.example.co.kr", "203.0.113.7"));
  CHECK_FALSE(generic("client.mail.example.net", "203.0.113.7"));
  CHECK_FALSE(generic("mx1.example.net", "203.0.113.1"));
}

TEST_CASE("a server's own name is not generic") {
  CHECK_FALSE(generic("mail.example.com", "203.0.113.7"));
  CHECK_FALSE(generic("mail7.example.com", "203.0.113.7"));
  CHECK_FALSE(generic("smtp-out-203.example.com", "203.0.113.7"));
  CHECK_FALSE(generic("example.com", "203.0.113.7"));
  CHECK_FALSE(generic(".", "203.0.113.7"));
  CHECK_FALSE(generic("o1.email.example.com", "1.2.3.4"));
}
