#include "core/ip_address.h"

#include <doctest/doctest.h>

using maildiag::IpAddress;
using maildiag::IpNetwork;

TEST_CASE("addresses parse and print") {
  CHECK(IpAddress::parse("203.0.113.7")->to_string() == "203.0.113.7");
  CHECK(IpAddress::parse("[IPv6:2001:DB8::0:1]")->to_string() == "2001:db8::1");
  CHECK(IpAddress::parse("[192.0.2.1]")->is_v4());
  for (const char* bad :
       {"", "1.2.3", "1.2.3.256", "fe80::1%eth0", "12345::", "1.2.3.4 ", "721.267.238.101"}) {
    CHECK_FALSE_MESSAGE(IpAddress::parse(bad), bad);
  }
}

TEST_CASE("reverse names") {
  CHECK(IpAddress::parse("203.0.113.7")->ptr_name() == "7.113.0.203.in-addr.arpa");
  CHECK(IpAddress::parse("2001:db8:1:2:3456:789a:5:6")->reversed() ==
        "6.0.0.0.5.0.0.0.a.9.8.7.6.5.4.3.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2");
}

TEST_CASE("an IPv4-mapped address is the IPv4 one") {
  CHECK(IpAddress::parse("::ffff:192.0.2.1")->unmapped() == *IpAddress::parse("192.0.2.1"));
  CHECK(IpAddress::parse("::1")->unmapped() == *IpAddress::parse("::1"));
}

TEST_CASE("networks clear host bits and know their members") {
  const auto network = *IpNetwork::parse("192.0.2.77/28");
  CHECK(network.to_string() == "192.0.2.64/28");
  CHECK(network.contains(*IpAddress::parse("192.0.2.79")));
  CHECK_FALSE(network.contains(*IpAddress::parse("192.0.2.80")));
  CHECK_FALSE(network.contains(*IpAddress::parse("::192.0.2.79")));
  CHECK(IpNetwork::parse("0.0.0.0/0")->contains(*IpAddress::parse("255.255.255.255")));
  CHECK(IpNetwork::parse("2001:db8::/33")->contains(*IpAddress::parse("2001:db8:7fff::1")));
  CHECK_FALSE(IpNetwork::parse("2001:db8::/33")->contains(*IpAddress::parse("2001:db8:8000::1")));
  for (const char* bad :
       {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "/8", "2001:db8::/129", "192.0.2.0/8x"}) {
    CHECK_FALSE_MESSAGE(IpNetwork::parse(bad), bad);
  }
}

TEST_CASE("addresses that are not on the public Internet") {
  for (const char* special :
       {"10.1.2.3", "127.0.0.1", "192.168.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1",
        "::10.0.0.1", "fec0::1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::"}) {
    CHECK_MESSAGE(IpAddress::parse(special)->is_special(), special);
    CHECK_FALSE_MESSAGE(IpAddress::parse(special)->is_public(), special);
  }
  for (const char* usual : {"8.8.8.8", "124.243.61.57", "2a00:1450::1", "172.32.0.1"}) {
    CHECK_FALSE_MESSAGE(IpAddress::parse(usual)->is_special(), usual);
    CHECK_MESSAGE(IpAddress::parse(usual)->is_public(), usual);
  }
  for (const char* example : {"192.0.2.1", "198.51.100.255", "::ffff:203.0.113.7", "2001:db8::1"}) {
    CHECK_MESSAGE(IpAddress::parse(example)->is_special(), example);
    CHECK_MESSAGE(IpAddress::parse(example)->is_public(), example);
  }
}
