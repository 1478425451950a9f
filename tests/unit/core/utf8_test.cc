#include "core/utf8.h"

#include <string>

#include <doctest/doctest.h>

using namespace maildiag;

TEST_CASE("how many columns a character takes") {
  for (const char32_t point : {U'a', U'\u00E9', U'\u0E01', U'\u0628', U'\u0915', U'\u2714'})
    CHECK_MESSAGE(utf8::columns(point) == 1, static_cast<unsigned>(point));
  // Hangul, Han, full width, emoji of several blocks.
  for (const char32_t point :
       {U'\uD55C', U'\u6F22', U'\uFF21', U'\u1100', U'\u2705', U'\u231A', U'\u2B50', U'\U0001F600',
        U'\U0001F680', U'\U0001F6F8', U'\U0001FA70', U'\U0001F7E0', U'\U0002A6B2', U'\U00020001'})
    CHECK_MESSAGE(utf8::columns(point) == 2, static_cast<unsigned>(point));
  // Marks of Latin, Hebrew, Arabic, Indic and Thai, vowels and finals of Hangul.
  for (const char32_t point : {U'\u0301', U'\u05B4', U'\u064E', U'\u094D', U'\u0E31', U'\u0E49',
                               U'\u1161', U'\u11A8', U'\uD7B0', U'\uD7CB', U'\uFE0F'})
    CHECK_MESSAGE(utf8::columns(point) == 0, static_cast<unsigned>(point));
}

TEST_CASE("a point there and back") {
  for (const char32_t point : {U'a', U'\u007F', U'\u0080', U'\u07FF', U'\u0800', U'\uD7FF',
                               U'\uFFFD', U'\U00010000', U'\U0010FFFF'}) {
    std::string octets;
    utf8::append(octets, point);
    const auto decoded = utf8::decode(octets);
    CHECK(decoded.valid);
    CHECK(decoded.point == point);
    CHECK(decoded.length == octets.size());
  }
  std::string surrogate;
  utf8::append(surrogate, 0xD800);
  CHECK_FALSE(utf8::decode(surrogate).valid);
}
