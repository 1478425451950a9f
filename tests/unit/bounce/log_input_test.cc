// Plain and compressed input: the packed files are made by the usual programs.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/log/input.h"
#include "support/temporary_directory.h"

using namespace maildiag;
using bounce::log::Input;

namespace {

struct Lines {
  std::vector<std::string> lines;
  std::optional<Error> error;
  std::size_t taken = 0;
};

Lines read(const std::string& path) {
  Lines all;
  auto input = Input::open(path);
  if (!input) {
    all.error = input.error();
    return all;
  }
  while (const auto line = input->next_line()) all.lines.emplace_back(*line);
  all.taken = input->take_count();
  all.error = input->error();
  return all;
}

bool run(const std::string& command) {
  return std::system(command.c_str()) == 0;  // NOLINT: fixed commands
}

std::string many_lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "line " + std::to_string(i * i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("lines with any end") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/log";
  directory.write("log", std::string("a\nb\r\n\n") + std::string(3, '\0') + "c\nd");
  CHECK(read(path).lines == std::vector<std::string>{"a", "b", "", "c", "d"});
  CHECK_FALSE(read(path).error);
}

TEST_CASE("rotated files are read as they are") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/log";
  directory.write("log", many_lines(50000));
  const auto plain = read(path);
  REQUIRE(plain.lines.size() == 50000);
  CHECK(plain.taken == std::filesystem::file_size(path));
  for (const std::string packer : {"gzip", "xz", "zstd -q", "bzip2"}) {
    CAPTURE(packer);
    REQUIRE(run(packer + " -c < " + path + " > " + path + ".packed"));
    const auto unpacked = read(path + ".packed");
    CHECK_FALSE(unpacked.error);
    CHECK(unpacked.lines == plain.lines);
    CHECK(unpacked.taken == std::filesystem::file_size(path + ".packed"));
    // A file that was cut off gives its lines, and says so.
    REQUIRE(run("head -c 20000 " + path + ".packed > " + path + ".cut"));
    const auto cut = read(path + ".cut");
    CHECK(cut.lines.size() < plain.lines.size());
    REQUIRE(cut.error);
    CHECK(cut.error->code == ErrorCode::bad_data);
    // Nothing, packed.
    REQUIRE(run(packer + " -c < /dev/null > " + path + ".empty"));
    const auto empty = read(path + ".empty");
    CHECK(empty.lines.empty());
    CHECK_FALSE(empty.error);
  }
  REQUIRE(run("gzip -c " + path + " > " + path + ".two; gzip -c " + path + " >> " + path + ".two"));
  CHECK(read(path + ".two").lines.size() == 100000);
}

TEST_CASE("bombs are refused") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/log";
  REQUIRE(run("head -c 1000000 /dev/zero | gzip -c | gzip -c > " + path));
  auto twice = read(path);
  REQUIRE(twice.error);
  CHECK(twice.error->message.find("more than once") != std::string::npos);
  REQUIRE(run("yes x | tr -d '\\n' | head -c 300000000 | zstd -q -c > " + path));
  const auto bomb = read(path);
  REQUIRE(bomb.error);
  CHECK(bomb.error->message.find("1,100 times") != std::string::npos);
}

TEST_CASE("a line of ten megabytes is cut, the next one whole") {
  const test::TemporaryDirectory directory;
  directory.write("log", "a\n" + std::string(10'000'000, 'x') + "\nb\n" +
                             std::string(bounce::log::max_line_bytes, 'y') + "\nc");
  const auto all = read(directory.path() + "/log");
  REQUIRE(all.lines.size() == 5);
  CHECK(all.lines[1].size() == bounce::log::max_line_bytes);
  CHECK(all.lines[2] == "b");
  CHECK(all.lines[3].size() == bounce::log::max_line_bytes);
  CHECK(all.lines[4] == "c");
}
