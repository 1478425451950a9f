#include "rulebook/loader/list_code.h"

#include <string_view>

#include <doctest/doctest.h>

#include "rulebook/rulebook.h"

using namespace maildiag;
using rulebook::ListCode;
using rulebook::parse_list_code;

namespace {

bool matches(std::string_view code, std::string_view answer) {
  ListCode entry;
  entry.code = code;
  return entry.matches(*IpAddress::parse(answer));
}

bool has_bits(unsigned bits, std::string_view answer) {
  ListCode entry;
  entry.bits = bits;
  return entry.matches(*IpAddress::parse(answer));
}

}  // namespace

TEST_CASE("one code") {
  CHECK(matches("127.0.0.2", "127.0.0.2"));
  CHECK_FALSE(matches("127.0.0.2", "127.0.0.20"));
  CHECK_FALSE(matches("127.0.0.2", "::ffff:127.0.0.2"));
}

TEST_CASE("a range holds both ends") {
  for (const char* answer : {"127.0.0.4", "127.0.0.5", "127.0.0.7"}) {
    CHECK(matches("127.0.0.4-127.0.0.7", answer));
  }
  for (const char* answer : {"127.0.0.3", "127.0.0.8", "127.0.1.5"}) {
    CHECK_FALSE(matches("127.0.0.4-127.0.0.7", answer));
  }
}

TEST_CASE("a star stands for any octet") {
  CHECK(matches("127.0.*.3", "127.0.0.3"));
  CHECK(matches("127.0.*.3", "127.0.255.3"));
  CHECK_FALSE(matches("127.0.*.3", "127.1.0.3"));
  CHECK_FALSE(matches("127.0.*.3", "127.0.0.4"));
}

TEST_CASE("bits are those of the last octet of 127.0.0.N") {
  CHECK(has_bits(4, "127.0.0.4"));
  CHECK(has_bits(4, "127.0.0.6"));
  CHECK_FALSE(has_bits(4, "127.0.0.8"));
  for (const char* answer : {"203.0.113.4", "127.255.255.254", "127.0.53.53", "127.1.0.4"}) {
    CAPTURE(answer);
    CHECK_FALSE(has_bits(4, answer));
  }
}

TEST_CASE("no codes") {
  for (const char* code :
       {"", "127.0.0", "127.0.0.2.3", "127.0.0.256", "127.0.0.", "127.0.0.-1", "127..0.2",
        "a.b.c.d", "127.0.0.4-7", "127.0.0.7-127.0.0.4", "127.0.0.2-127.0.1.2-127.0.0.3",
        "127.0.0.2-127.0.1.3", "127.0.*.2-127.0.*.3", "127.0.0.2-127.0.0.2", "127.0.0.2 "}) {
    CAPTURE(code);
    CHECK_FALSE(parse_list_code(code));
  }
}

TEST_CASE("every shipped code can be read") {
  const auto rulebook = rulebook::Rulebook::load({});
  REQUIRE(rulebook);
  int codes = 0;
  for (const auto& list : (*rulebook)->lists()) {
    for (const auto& code : list.codes) {
      ++codes;
      if (!code.code.empty()) CHECK(parse_list_code(code.code));
    }
  }
  CHECK(codes > 100);
}
