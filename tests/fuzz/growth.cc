// Looks for inputs whose time grows faster than they do: growth TARGET DIR [TRIES [SEED]]
//
// A piece of a seed is repeated until the input has 4, 16, 64 and 256 KiB, and the processor time
// of each is measured. What takes more than eight times as long when it is four times as large is
// told, the slowest first. Told, not judged: machines differ, and what is capped by a limit may
// grow up to it. A search, like scripts/fuzz, not a test.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/targets.h"

namespace {

constexpr std::array<std::size_t, 4> sizes = {4096, 16384, 65536, 262144};
constexpr double steep = 8, noticed = 0.05, long_enough = 2;  // a ratio, and seconds

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Pump {
  std::string before, piece, after;

  std::string of_size(std::size_t size) const {
    std::string text = before;
    while (text.size() + after.size() < size) text += piece;
    return text + after;
  }
};

/// What opens, parts or nests something in one of the formats.
constexpr auto marks = std::to_array<std::string_view>({"(",    "<",
                                                        "[",    "{",
                                                        "\"",   "'",
                                                        "\\",   ",",
                                                        ";",    ":",
                                                        ".",    "-",
                                                        "/",    "=",
                                                        "%",    "@",
                                                        "#",    " ",
                                                        "\t",   "\n",
                                                        "\r\n", "\n\n",
                                                        "a ",   "a,",
                                                        "a:",   "a.",
                                                        "(a",   "<a>",
                                                        "[[",   "=?utf-8?q?a?= ",
                                                        "\xff", "\xea\xb0\x80",
                                                        "0",    "&lt;",
                                                        "<b>",  "--b\n",
                                                        "$"});

/// Repeats a line, a word, an octet or any other piece of a seed where it stands, or another's or a
/// mark there.
Pump pump(const std::string& seed, const std::string& other, std::mt19937& random) {
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
  const auto rest_at = [&](std::size_t at) { return below(4) == 0 ? seed.size() : at; };
  if (below(3) == 0) {
    const auto at = below(seed.size() + 1);
    return {seed.substr(0, at), std::string(marks.at(below(marks.size()))),
            seed.substr(rest_at(at))};
  }
  const auto& source = below(3) == 0 ? other : seed;
  auto begin = below(source.size()), end = begin + 1;
  const char* ends = std::array{"\n", " ;,\n\"", "", ""}.at(below(4));
  if (*ends != '\0') {
    const auto front = source.find_last_of(ends, begin);
    begin = front == std::string::npos ? 0 : front + 1;
    begin = std::min(begin, source.size() - 1);
    end = std::min(source.find_first_of(ends, begin), source.size() - 1) + 1;
  } else if (below(2) == 0) {
    end = std::min(source.size(), begin + 1 + below(32));
  }
  const auto at = &source == &seed ? begin : below(seed.size() + 1);
  return {seed.substr(0, at), source.substr(begin, end - begin), seed.substr(rest_at(at))};
}

double seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string printable(const std::string& text) {
  std::string shown;
  for (const char c : text.substr(0, 60)) {
    if (c >= ' ' && c <= '~') {
      shown += c;
    } else {
      std::array<char, 5> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned char>(c));
      shown += escaped.data();
    }
  }
  return shown;
}

struct Steep {
  double time, ratio;
  std::size_t size;
  std::string what;
};

void measure(const maildiag::fuzz::Target& target, const Pump& tried, const std::string& seed_name,
             std::vector<Steep>& found) {
  double last = 0;
  for (const auto size : sizes) {
    const auto input = tried.of_size(size);
    const auto start = seconds();
    target.run(input);
    const auto taken = seconds() - start;
    if (taken > long_enough || (taken > noticed && last > noticed / 20 && taken / last > steep))
      found.push_back({taken, taken / last, size,
                       seed_name + ": " + printable(tried.piece) + " at " +
                           std::to_string(tried.before.size())});
    if (taken > long_enough) break;
    last = taken;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 5) {
    std::fprintf(stderr, "usage: %s TARGET DIR [TRIES [SEED]]\n", argv[0]);
    return 64;
  }
  const auto number = [&](int at, unsigned otherwise) {
    if (argc > at) std::from_chars(argv[at], argv[at] + std::strlen(argv[at]), otherwise);
    return otherwise;
  };
  const auto tries = number(3, 200);
  std::mt19937 random(number(4, 7208));
  const auto* target = maildiag::fuzz::find_target(argv[1]);
  if (target == nullptr || !std::filesystem::is_directory(argv[2])) {
    std::fprintf(stderr, "no target %s, or no folder %s\n", argv[1], argv[2]);
    return 66;
  }
  std::vector<std::pair<std::string, std::string>> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    auto text = read(entry.path());
    if (!text.empty()) seeds.emplace_back(entry.path().filename().string(), std::move(text));
  }
  if (seeds.empty()) return 66;
  std::sort(seeds.begin(), seeds.end());
  std::vector<Steep> found;
  for (unsigned i = 0; i < tries; ++i) {
    const auto& [name, seed] = seeds[random() % seeds.size()];
    measure(*target, pump(seed, seeds[random() % seeds.size()].second, random), name, found);
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.time > b.time; });
  found.resize(std::min<std::size_t>(found.size(), 8));
  for (const auto& each : found)
    std::printf("%-14s %6zu octets %8.2f s, %5.1f times: %s\n", argv[1], each.size, each.time,
                each.ratio, each.what.c_str());
  return 0;
}
