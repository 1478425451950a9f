#include <algorithm>
#include <numeric>
#include <utility>

#include <maildiag/closest.h>

namespace maildiag {

namespace {

/// Nobody types longer names; bounds the work, which grows with the product of the lengths.
constexpr std::size_t longest_word = 256;

/// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (const char c : one) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t changed = diagonal + (c == other[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> closest(std::string_view word, const std::vector<std::string>& known,
                                 std::size_t slips, std::size_t count) {
  if (word.size() > longest_word) return {};
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const auto& candidate : known) {
    const auto longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) > slips) continue;
    const auto away = distance(word, candidate);
    if (away <= slips) near.emplace_back(away, candidate);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> words;
  for (const auto& each : near) {
    if (words.size() == count) break;
    words.emplace_back(each.second);
  }
  return words;
}

}  // namespace maildiag
