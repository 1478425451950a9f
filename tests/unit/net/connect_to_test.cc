#include <string>

#include <doctest/doctest.h>

#include "net/network.h"

using namespace maildiag;
using namespace maildiag::net;

namespace {

Endpoint at(const char* address, std::uint16_t port) {
  return {*IpAddress::parse(address), port};
}

AccessOptions rules(std::initializer_list<const char*> texts) {
  AccessOptions options;
  for (const auto* text : texts) options.connect_to.push_back(ConnectTo::parse(text).value());
  return options;
}

}  // namespace

TEST_CASE("the first rule that matches leads elsewhere") {
  const auto options =
      rules({"MX.Example.:25:192.0.2.9:2525", "[2001:db8::1]:25:[2001:db8::2]:26", ":25::10025"});
  CHECK(options.endpoint("mx.example", at("192.0.2.1", 25)) == at("192.0.2.9", 2525));
  CHECK(options.endpoint("mx.example.", at("192.0.2.1", 25)) == at("192.0.2.9", 2525));
  CHECK(options.endpoint("mx.example", at("192.0.2.1", 587)) == at("192.0.2.1", 587));
  CHECK(options.endpoint("", at("2001:db8::1", 25)) == at("2001:db8::2", 26));
  CHECK(options.endpoint("other.example", at("192.0.2.1", 25)) == at("192.0.2.1", 10025));
}

TEST_CASE("offline, only what a rule names is reached") {
  auto options = rules({"mta-sts.example:443::10443"});
  options.offline = true;
  CHECK(options.endpoint("mta-sts.example", at("127.0.0.1", 443)) == at("127.0.0.1", 10443));
  CHECK(!options.endpoint("mta-sts.other", at("127.0.0.1", 443)));
}

TEST_CASE("what strangers name leads to public addresses, or where a rule says so") {
  const auto options = rules({"known.example:25::2525"});
  CHECK(options.endpoint("a", at("8.8.8.8", 25), Reach::public_only) == at("8.8.8.8", 25));
  for (const auto* inside :
       {"127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "::ffff:127.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::1", "fe80::1", "fd00::1"}) {
    CAPTURE(std::string(inside));
    CHECK(!options.endpoint("a", at(inside, 25), Reach::public_only));
    CHECK(options.endpoint("a", at(inside, 25)) == at(inside, 25));
  }
  CHECK(options.endpoint("known.example", at("10.0.0.1", 25), Reach::public_only) ==
        at("10.0.0.1", 2525));
}

TEST_CASE("what is no rule is refused") {
  for (const auto* text :
       {"", "a", "a:25", "a:25:192.0.2.1", "a:25:192.0.2.1:", "a:25:192.0.2.1:25:", "a:x::25",
        "a:0::25", "a:65536::25", "a:25:name:25", "[2001:db8::1:25::26", "2001:db8::1:25::26"}) {
    CAPTURE(std::string(text));
    const bool whole = std::string(text) == "a:25:192.0.2.1:";  // an empty last part is one
    CHECK(ConnectTo::parse(text).has_value() == whole);
  }
}
