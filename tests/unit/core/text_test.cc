#include "core/text.h"

#include <doctest/doctest.h>

namespace text = maildiag::text;

TEST_CASE("nothing of a stranger reaches the terminal raw") {
  CHECK(text::sanitize("a\x1b[31mb") == "a\\x1b[31mb");
  CHECK(text::sanitize(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(text::sanitize("a\xc2\x9b"
                       "b") == "a\\u{9b}b");
  CHECK(text::sanitize("\xe2\x80\xae"
                       "evil") == "\\u{202e}evil");
  CHECK(text::sanitize("line\r\nnext") == "line  next");
  CHECK(text::sanitize("\xff\xc0\xaf") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(text::sanitize("한글 ok") == "한글 ok");
}

TEST_CASE("no character that a reader does not see") {
  CHECK(text::sanitize("a\u00adb\u034fc\u061cd") == "a\\u{ad}b\\u{34f}c\\u{61c}d");
  CHECK(text::sanitize("\u115f\u1160\u2800\u3164\uffa0") ==
        "\\u{115f}\\u{1160}\\u{2800}\\u{3164}\\u{ffa0}");
  CHECK(text::sanitize("\u17b4\u180b\u180f\ufe00\ufe0f") ==
        "\\u{17b4}\\u{180b}\\u{180f}\\u{fe00}\\u{fe0f}");
  CHECK(text::sanitize("\ufff0\U00013430\U0001bca0\U0001d173\U000e0100") ==
        "\\u{fff0}\\u{13430}\\u{1bca0}\\u{1d173}\\u{e0100}");
  // Not a character: a page that held it would not be XML.
  CHECK(text::sanitize("\xef\xbf\xbe\xef\xbf\xbf") == "\\u{fffe}\\u{ffff}");
  // Neighbours that are seen.
  CHECK(text::sanitize("®가ㄱㅥﾡ￼�\U0001f600") == "®가ㄱㅥﾡ￼�\U0001f600");
}

TEST_CASE("valid UTF-8 out of anything") {
  CHECK(text::to_valid_utf8("한\xed") == "한\xEF\xBF\xBD");
  CHECK(text::to_valid_utf8("\xed\xa0\x80") == "\xEF\xBF\xBD");        // a surrogate
  CHECK(text::to_valid_utf8("\xf4\x90\x80\x80x") == "\xEF\xBF\xBDx");  // above U+10FFFF
  CHECK(text::to_valid_utf8("\xe0\x80\x80") == "\xEF\xBF\xBD");        // overlong
}

TEST_CASE("a wide character without room goes") {
  CHECK(text::truncate("가나", 2) == "…");
  CHECK(text::truncate("가나", 3) == "가…");
  CHECK(text::truncate("ab가", 3) == "ab…");
}

TEST_CASE("a very long word is wrapped in no time") {
  const auto lines = text::wrap(std::string(1'000'005, 'x'), 10);
  REQUIRE(lines.size() == 100'001);
  CHECK(lines.front() == "xxxxxxxxxx");
  CHECK(lines.back() == "xxxxx");
}

TEST_CASE("columns and wrapping know Hangul") {
  CHECK(text::display_width("메일 ok") == 7);
  CHECK(text::wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(text::wrap("가나다라마", 6) == std::vector<std::string>{"가나다", "라마"});
  CHECK(text::wrap("ab 가나다라마바사", 8) == std::vector<std::string>{"ab", "가나다라", "마바사"});
  CHECK(text::wrap("", 10) == std::vector<std::string>{""});
  CHECK(text::wrap("see https://example.com/remove and wait", 10) ==
        std::vector<std::string>{"see", "https://example.com/remove", "and wait"});
  CHECK(text::truncate("가나다라", 5) == "가나…");
}

TEST_CASE("line ends of every kind") {
  const auto lines = text::split_lines("a\r\nb\rc\n\nd");
  REQUIRE(lines.size() == 5);
  CHECK(lines[2] == "c");
  CHECK(lines[3].empty());
  CHECK(text::collapse_spaces("  a \t\r\n b ") == "a b");
}

TEST_CASE("templates are filled once, unknown names stay") {
  const std::string ip = "{ip}";
  const auto lookup = [&ip](std::string_view name) { return name == "ip" ? &ip : nullptr; };
  CHECK(text::fill_template("x {ip} {other} {", lookup) == "x {ip} {other} {");
}

TEST_CASE("only the capitals of ASCII are folded, and only octets below 0x80 are ASCII") {
  for (int octet = 0; octet < 256; ++octet) {
    const char c = static_cast<char>(octet);
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    for (const std::size_t length : {1U, 7U, 8U, 9U, 17U}) {
      for (std::size_t at = 0; at < length; ++at) {
        std::string given(length, 'M'), expected(length, 'm');
        given[at] = c;
        expected[at] = lower;
        CHECK(text::ascii_lower(given) == expected);
        CHECK(text::is_ascii(given) == (octet < 128));
      }
    }
  }
  CHECK(text::ascii_lower("").empty());
  CHECK(text::is_ascii(""));
}
