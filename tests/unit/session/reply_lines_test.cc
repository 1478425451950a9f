#include "session/reply_lines.h"

#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_directory.h"

using namespace maildiag;
using namespace maildiag::session;

namespace {

std::vector<std::string> lines_of(const std::string& content, std::size_t limit = max_line_bytes,
                                  std::size_t stop_after = SIZE_MAX) {
  const test::TemporaryDirectory directory;
  directory.write("lines", content);
  std::vector<std::string> lines;
  std::size_t bytes = 0;
  const auto read = for_each_line(
      directory.path() + "/lines",
      [&](std::string_view line, std::size_t size, std::size_t number) {
        lines.emplace_back(line);
        bytes += size;
        CHECK(number == lines.size());
        return lines.size() < stop_after;
      },
      limit);
  REQUIRE(read);
  if (stop_after == SIZE_MAX && content.ends_with('\n')) CHECK(bytes == content.size());
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines come in order, empty ones too, with any end") {
  CHECK(lines_of("") == Lines{});
  CHECK(lines_of("a\n\nb\r\nc") == Lines{"a", "", "b", "c"});
  CHECK(lines_of("\n") == Lines{""});
  CHECK(lines_of("a\nb\nc\n", max_line_bytes, 2) == Lines{"a", "b"});
}

TEST_CASE("of a long line only the beginning is kept") {
  const std::string huge(1'000'000, 'x');
  const auto lines = lines_of("a\n" + huge + "\nb\n" + huge, 100);
  REQUIRE(lines.size() == 4);
  CHECK(lines[1] == std::string(100, 'x'));
  CHECK(lines[2] == "b");
  CHECK(lines[3] == std::string(100, 'x'));
}

TEST_CASE("lines over the borders of the blocks that are read stay whole") {
  std::string content;
  Lines expected;
  for (int i = 0; i < 30'000; ++i) {
    expected.push_back("line " + std::to_string(i * 7919));
    content += expected.back() + "\n";
  }
  CHECK(lines_of(content) == expected);
}

TEST_CASE("a file that is not there is told") {
  const auto read = for_each_line("/nonexistent/lines", [](auto, auto, auto) { return true; });
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::no_input);
}

TEST_CASE("columns") {
  const auto plain = parse_reply_line("550 no");
  CHECK(plain.text == "550 no");
  CHECK_FALSE(plain.ip);
  CHECK_FALSE(plain.bad_ip);
  const auto full = parse_reply_line("550 no\t192.0.2.1\ta@b.example\tmore");
  CHECK(full.text == "550 no");
  CHECK(full.ip == IpAddress::parse("192.0.2.1"));
  CHECK(full.sender == "a@b.example");
  const auto gaps = parse_reply_line("550 no\t\ta@b.example");
  CHECK_FALSE(gaps.ip);
  CHECK_FALSE(gaps.bad_ip);
  CHECK(gaps.sender == "a@b.example");
  CHECK(parse_reply_line("550 no\tnot-an-ip").bad_ip);
  CHECK(parse_reply_line("").text == "");
}

TEST_CASE("the octets of all lines are those of the file, without an end behind the last, too") {
  for (const std::string content : {"a\nbc", "a\r\nbc\r", "\n\nx", "x"}) {
    const test::TemporaryDirectory directory;
    directory.write("lines", content);
    std::size_t bytes = 0;
    const auto count = [&](std::string_view, std::size_t size, std::size_t) {
      bytes += size;
      return true;
    };
    REQUIRE(for_each_line(directory.path() + "/lines", count));
    CHECK(bytes == content.size());
  }
}
