#include <string>
#include <tuple>

#include <doctest/doctest.h>

#include "dns/backends.h"

using namespace maildiag;
using namespace maildiag::dns;

TEST_CASE("server addresses with port and scope") {
  const std::pair<const char*, const char*> examples[] = {
      {"192.0.2.1", "192.0.2.1#53"},
      {"192.0.2.1#5353", "192.0.2.1#5353"},
      {"2001:db8::1", "2001:db8::1#53"},
      {"fe80::1%eth0", "fe80::1%eth0#53"},
      {"fe80::1%eth0#5353", "fe80::1%eth0#5353"},
  };
  for (const auto& [text, canonical] : examples) {
    const std::string shown = text;
    CAPTURE(shown);
    const auto server = ServerAddress::parse(text);
    REQUIRE(server.has_value());
    CHECK(server->to_string() == canonical);
  }
  for (const char* wrong : {"", "dns.example", "192.0.2.1#", "192.0.2.1#0", "192.0.2.1#65536",
                            "192.0.2.1#x", "192.0.2.1%eth0", "fe80::1%", "192.0.2.1 #53", "#53"}) {
    CAPTURE(wrong);
    const auto server = ServerAddress::parse(wrong);
    REQUIRE_FALSE(server.has_value());
    CHECK(server.error().code == ErrorCode::usage);
    CHECK(server.error().message.find(wrong) != std::string::npos);
  }
}

TEST_CASE("resolv.conf as resolv.conf(5) has it") {
  const auto conf = parse_resolv_conf(
      "# nameserver 192.0.2.66\n"
      "; nameserver 192.0.2.67\n"
      "search example.com\n"
      "nameserver 192.0.2.1\n"
      "nameserver\t 2001:db8::1  # the second\n"
      "  nameserver fe80::1%eth0\n"
      "options timeout:3 attempts:4 edns0\n"
      "nameserver not-an-address\n"
      "nameserver\n"
      "nameservers 192.0.2.68\n");
  REQUIRE(conf.servers.size() == 3);
  CHECK(conf.servers[0].to_string() == "192.0.2.1#53");
  CHECK(conf.servers[1].to_string() == "2001:db8::1#53");
  CHECK(conf.servers[2].to_string() == "fe80::1%eth0#53");
  CHECK(conf.timeout_seconds == 3);
  CHECK(conf.attempts == 4);
}

TEST_CASE("time-outs and attempts that cannot be are those that libc takes for them") {
  const std::tuple<const char*, unsigned, unsigned> examples[] = {
      {"options timeout:0 attempts:0", 1, 1},
      {"options timeout:30 attempts:5", 30, 5},
      {"options timeout:31 attempts:6", 30, 5},
      {"options timeout:4294967296 attempts:99999999999999999999", 30, 5},
      {"options timeout:0\noptions timeout:2 attempts:1", 2, 1},
  };
  for (const auto& [text, seconds, attempts] : examples) {
    const std::string shown = text;
    CAPTURE(shown);
    const auto conf = parse_resolv_conf(text);
    CHECK(conf.timeout_seconds == seconds);
    CHECK(conf.attempts == attempts);
  }
}

TEST_CASE("an empty or odd resolv.conf has no servers and no options") {
  for (const char* text : {"", "\n\n", "options\n", "options timeout:x attempts:\n", "\r\n#"}) {
    CAPTURE(text);
    const auto conf = parse_resolv_conf(text);
    CHECK(conf.servers.empty());
    CHECK_FALSE(conf.timeout_seconds.has_value());
    CHECK_FALSE(conf.attempts.has_value());
  }
}
