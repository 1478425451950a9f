#include "session/targets.h"

#include <vector>

#include <doctest/doctest.h>

using namespace maildiag;
using session::expand_target;
using session::Target;

namespace {
std::vector<std::string> expand(const std::string& text) {
  std::vector<std::string> result;
  const auto done = expand_target(text, [&result](const Target& target) {
    const auto* ip = std::get_if<IpAddress>(&target);
    result.push_back(ip != nullptr ? ip->to_string() : std::get<DomainName>(target).to_string());
    return true;
  });
  if (!done) result.push_back("error");
  return result;
}
}  // namespace

TEST_CASE("addresses, networks, ranges and names") {
  CHECK(expand("192.0.2.1") == std::vector<std::string>{"192.0.2.1"});
  CHECK(expand("2001:DB8::1") == std::vector<std::string>{"2001:db8::1"});
  CHECK(expand("192.0.2.5/30") ==
        std::vector<std::string>{"192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"});
  CHECK(expand("192.0.2.0/28").size() == 16);
  CHECK(expand("192.0.2.255-192.0.3.1") ==
        std::vector<std::string>{"192.0.2.255", "192.0.3.0", "192.0.3.1"});
  CHECK(expand("Mail-1.example.com") == std::vector<std::string>{"Mail-1.example.com"});
  CHECK(expand("255.255.0.0/16").size() == 65536);
}

TEST_CASE("what is no target, or too large, is an error") {
  for (const char* bad : {"192.0.0.0/15", "0.0.0.0/0", "192.0.2.9-192.0.2.1", "1.0.0.0-2.0.0.0",
                          "2001:db8::/64", "host", "a b", "", "192.0.2.1/x", "x/24"}) {
    CHECK_MESSAGE(expand(bad) == std::vector<std::string>{"error"}, bad);
  }
}

TEST_CASE("a sink that says stop is obeyed") {
  int seen = 0;
  CHECK(expand_target("10.0.0.0/16", [&seen](const Target&) { return ++seen < 3; }));
  CHECK(seen == 3);
}
