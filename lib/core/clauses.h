/// Text cut into clauses and words, for those who ask what its sentences say.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag::text {

/// The words up to a mark that ends what a negation may belong to; in lower case.
using Words = std::vector<std::string>;

/// "do not try, 5.7.1 (x)" has three; the dots of "5.7.1" and "mx.example" end none. At least one.
std::vector<Words> clauses_of(std::string_view text);

/// "not", "don't", "never", "without".
bool is_negator(std::string_view word);

/// Korean: blanks may stand or not, so that most is looked for without them.
struct Compact {
  std::string text;
  std::vector<std::size_t> starts;  ///< where words begin
  bool starts_word(std::size_t at) const { return std::ranges::binary_search(starts, at); }
};
Compact compact(const Words& words);

template <std::size_t Size>
using Parts = std::array<std::string_view, Size>;

template <std::size_t Size>
bool is_any(std::string_view word, const Parts<Size>& words) {
  return std::ranges::find(words, word) != words.end();
}
template <std::size_t Size>
bool begins_any(std::string_view word, const Parts<Size>& parts) {
  return std::ranges::any_of(parts, [word](auto part) { return word.starts_with(part); });
}
template <std::size_t Size>
bool holds_any(std::string_view text, const Parts<Size>& parts) {
  return std::ranges::any_of(
      parts, [text](auto part) { return text.find(part) != std::string_view::npos; });
}

}  // namespace maildiag::text
