#include "session/smtp_target.h"

#include <string>

#include <doctest/doctest.h>

using namespace maildiag;

namespace {

/// "name port"; "error".
std::string read(const std::string& text) {
  const auto target = session::parse_smtp_target(text);
  if (!target) return "error";
  CHECK(target->text == text);
  const auto* ip = std::get_if<IpAddress>(&target->name);
  const auto name =
      ip != nullptr ? "ip " + ip->to_string() : std::get<DomainName>(target->name).to_string();
  return target->port ? name + " " + std::to_string(*target->port) : name;
}

}  // namespace

TEST_CASE("domains, hosts with a port, addresses") {
  CHECK(read("example.com") == "example.com");
  CHECK(read("mail.example.com:587") == "mail.example.com 587");
  CHECK(read("192.0.2.1") == "ip 192.0.2.1");
  CHECK(read("192.0.2.1:25") == "ip 192.0.2.1 25");
  CHECK(read("2001:db8::1") == "ip 2001:db8::1");
  CHECK(read("[2001:db8::1]") == "ip 2001:db8::1");
  CHECK(read("[2001:db8::1]:465") == "ip 2001:db8::1 465");
  CHECK(read("2001:db8::1:25") == "ip 2001:db8::1:25");  // an address of its own
}

TEST_CASE("what is none of them is refused") {
  for (const auto* text : {"", ":", ":25", "example.com:", "example.com:0", "example.com:65536",
                           "example.com:smtp", "example.com:25:25", "example.com:-1", "a b",
                           "2001:db8:1:2:3:4:5:6:25", "[2001:db8::1:25", "user@example.com"})
    CHECK(read(text) == "error");
}
