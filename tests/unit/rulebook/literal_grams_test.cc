#include "rulebook/literal_grams.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace maildiag::rulebook;

namespace {

using Literals = std::vector<std::string>;

std::set<std::uint32_t> found(const Literals& literals, const std::string& text) {
  std::vector<std::pair<std::string_view, std::uint32_t>> list;
  for (std::uint32_t i = 0; i < literals.size(); ++i) list.emplace_back(literals[i], i);
  std::set<std::uint32_t> result;
  LiteralGrams(list).search(text, [&result](std::uint32_t meaning) { result.insert(meaning); });
  return result;
}

using Found = std::set<std::uint32_t>;

}  // namespace

TEST_CASE("literals inside each other, twice, and at both ends are all found") {
  CHECK(found({"he", "she", "his", "hers"}, "ushers") == Found{0, 1, 3});
  CHECK(found({"abc", "abc", "b"}, "xabcx") == Found{0, 1, 2});
  CHECK(found({"aa"}, "a") == Found{});
  CHECK(found({"a", "aa", "aaa"}, "aaa") == Found{0, 1, 2});
  CHECK(found({}, "anything") == Found{});
  CHECK(found({"\xff\x01"}, std::string("\x00\xff\x01", 3)) == Found{0});
}

TEST_CASE("it agrees with a search for each literal by itself") {
  std::mt19937 random(1975);
  const auto word = [&random](std::size_t longest) {
    std::string text(1 + random() % longest, 'a');
    for (auto& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 500; ++round) {
    Literals literals;
    for (std::size_t i = 0; i < 1 + random() % 20; ++i) literals.push_back(word(6));
    const auto text = word(60);
    Found expected;
    for (std::uint32_t i = 0; i < literals.size(); ++i) {
      if (text.find(literals[i]) != std::string::npos) expected.insert(i);
    }
    CHECK(found(literals, text) == expected);
  }
}
