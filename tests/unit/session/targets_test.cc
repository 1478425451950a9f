#include "session/targets.h"

#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_file.h"

using namespace maildiag;
using session::parse_target;
using session::Target;
using session::TargetReader;

namespace {
std::string text_of(const Target& target) {
  const auto* ip = std::get_if<IpAddress>(&target);
  return ip != nullptr ? ip->to_string() : std::get<DomainName>(target).to_string();
}

std::vector<std::string> expand(const std::string& text) {
  const auto range = parse_target(text);
  if (!range) return {"error"};
  std::vector<std::string> result;
  for (std::uint32_t i = 0; i < range->count; ++i) result.push_back(text_of(range->at(i)));
  return result;
}

/// The targets' texts, and the errors' messages behind them.
std::vector<std::string> read(std::vector<std::string> texts, std::vector<std::string> files) {
  std::vector<std::string> result, errors;
  TargetReader reader(std::move(texts), std::move(files),
                      [&errors](const Error& error) { errors.push_back(error.message); });
  while (auto target = reader.next()) result.push_back(target->text);
  result.insert(result.end(), errors.begin(), errors.end());
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
                          "2001:db8::/64", "host", "a b", "", "192.0.2.1/x", "x/24", "192.0.2.300",
                          "192.0.2.007", "1.2.3", "example.80"}) {
    CHECK_MESSAGE(expand(bad) == std::vector<std::string>{"error"}, bad);
  }
}

TEST_CASE("arguments, then files, line by line") {
  const test::TemporaryFile file(
      "192.0.2.8/31  # two\r\n\n# none\n  Mail.example.com  \nx\n2001:DB8::1");
  CHECK(read({"192.0.2.1"}, {file.path()}) ==
        std::vector<std::string>{"192.0.2.1", "192.0.2.8", "192.0.2.9", "Mail.example.com",
                                 "2001:db8::1",
                                 file.path() + ":5: `x` is no address, network (192.0.2.0/28), "
                                               "range (192.0.2.1-192.0.2.9) or domain name"});
  CHECK(TargetReader({"192.0.2.0/24"}, {file.path()}, [](const Error&) {}).count_rest() == 260);
}

TEST_CASE("a network ends where the call is cancelled") {
  Cancellation cancellation;
  TargetReader reader(
      {"192.0.2.0/24", "198.51.100.1"}, {}, [](const Error&) {}, cancellation);
  REQUIRE(reader.next());
  CHECK_FALSE(reader.is_cut_short());
  cancellation.request();
  CHECK_FALSE(reader.next());
  CHECK(reader.is_cut_short());
}

TEST_CASE("what has been read to its end is not cut short by a later cancellation") {
  Cancellation cancellation;
  TargetReader reader(
      {"192.0.2.1"}, {}, [](const Error&) {}, cancellation);
  REQUIRE(reader.next());
  cancellation.request();
  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.is_cut_short());
}

TEST_CASE("files that are none, and lines that are no targets") {
  CHECK(read({}, {"/nowhere/file"}) ==
        std::vector<std::string>{"cannot read /nowhere/file: No such file or directory"});
  CHECK(read({}, {"/"}) == std::vector<std::string>{"cannot read /: Is a directory"});
  CHECK(read({}, {"/proc/self/mem"}) ==
        std::vector<std::string>{"cannot read /proc/self/mem: Input/output error"});
  CHECK(read({}, {"/dev/null"}).empty());
  const test::TemporaryFile file(std::string(100'000, 'a') + "\n192.0.2.1\n");
  const auto found = read({}, {file.path()});
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "192.0.2.1");
  CHECK(found[1].starts_with(file.path() + ":1: longer than"));
}

TEST_CASE("what stands behind a NUL belongs to the line") {
  const test::TemporaryFile file(std::string("192.0.2.1\0evil\n192.0.2.2", 24));
  const auto found = read({}, {file.path()});
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "192.0.2.2");
  CHECK(found[1].starts_with(file.path() + ":1: "));
}

TEST_CASE("a byte order mark is no part of the first target") {
  const test::TemporaryFile file(
      "\xEF\xBB\xBF"
      "192.0.2.1\r\n192.0.2.2\r\n");
  CHECK(read({}, {file.path()}) == std::vector<std::string>{"192.0.2.1", "192.0.2.2"});
}

TEST_CASE("a file without ends of lines is not read for ever") {
  const test::TemporaryFile good("192.0.2.1\n");
  const auto found = read({}, {"/dev/zero", good.path()});
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "192.0.2.1");
  CHECK(found[1].find("/dev/zero:1: longer than 1024 octets") == 0);
}
