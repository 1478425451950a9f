// A session is opened with what the program would take, and refuses the rest as a value.
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include <maildiag/session.h>

#include "support/temporary_file.h"

using namespace maildiag;

namespace {

/// The message in English; empty: it was opened.
std::string refusal(SessionOptions options) {
  const test::TemporaryFile zone("example. SOA ns root 1 1 1 1 1\n");
  options.zone_files = {zone.path()};
  const auto opened = Session::open(std::move(options));
  const auto* error = std::get_if<Error>(&opened);
  if (error == nullptr) return {};
  CHECK(error->code == ErrorCode::usage);
  CHECK(error->message.find('\n') == std::string::npos);
  CHECK(error_text(*error, Language::ko) != error->message);
  return error->message;
}

}  // namespace

TEST_CASE("a name for EHLO is a name or a literal") {
  const auto with = [](const std::string& name) {
    SessionOptions options;
    options.helo_name = name;
    return refusal(std::move(options));
  };
  for (const auto* good :
       {"", "mail.example.com", "[192.0.2.1]", "[IPv6:2001:db8::1]", "메일.한국"})
    CHECK(with(good).empty());
  CHECK(with("bad name") ==
        "`helo_name` is \"bad name\"; it must be a host name, or an address in brackets (examples: "
        "mail.example.com, [192.0.2.1])");
  for (const auto* bad : {"a.example\r\nMAIL FROM:<>", "192.0.2.1", "[mail.example.com]", " "})
    CHECK_FALSE(with(bad).empty());
}

TEST_CASE("default lists are zones, and the right ones are not repeated with the wrong") {
  const auto with = [](std::vector<std::string> zones) {
    SessionOptions options;
    options.default_lists = std::move(zones);
    return refusal(std::move(options));
  };
  CHECK(with({"zen.spamhaus.org", "{key}.zen.dq.spamhaus.net"}).empty());
  CHECK(with({"SecretKey0123456789.zen.dq.spamhaus.net", "not a zone!"}) ==
        "`default_lists` is \"not a zone!\"; it must be the zone of a list (example: "
        "zen.spamhaus.org)");
  CHECK_FALSE(with({""}).empty());
}

TEST_CASE("at most one source of each family") {
  const auto with = [](std::vector<std::string> sources) {
    SessionOptions options;
    options.sources = std::move(sources);
    return refusal(std::move(options));
  };
  CHECK(with({"127.0.0.1", "::1"}).empty());
  CHECK(with({"127.0.0.1", "127.0.0.2"}) ==
        "`sources` is \"127.0.0.1, 127.0.0.2\"; it must be an IP address of this machine, at most "
        "one of each family");
  CHECK(with({"here"}).starts_with("`sources` is \"here\";"));
}

TEST_CASE("keys of lists are such as the program takes, and never in a message") {
  const auto with = [](const std::string& key) {
    SessionOptions options;
    options.list_keys = {{"abusix", key, "the option list_keys"}};
    return refusal(std::move(options));
  };
  CHECK(with("abcdef0123").empty());
  CHECK(with("a.b secret") ==
        "the option list_keys: `abusix` must be 6 to 63 letters, digits, hyphens or underscores, "
        "as the operator gave it");
}
