/// Finds which of many literals stand in a text, in one pass over it (Aho and Corasick, 1975).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace maildiag::rulebook {

class LiteralAutomaton {
 public:
  /// (literal, what it stands for); no literal is empty. The texts are not kept.
  explicit LiteralAutomaton(
      const std::vector<std::pair<std::string_view, std::uint32_t>>& literals);

  /// Calls `found` with what each literal in `text` stands for, as often as one stands there.
  template <class Found>
  void search(std::string_view text, Found&& found) const {
    std::uint32_t state = 0;
    for (const char c : text) {
      state = next_[state * classes_ + class_of_[static_cast<unsigned char>(c)]];
      for (auto at = first_[state]; at != none; at = outputs_[at].more) found(outputs_[at].meaning);
    }
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct Output {
    std::uint32_t meaning;
    std::uint32_t more;  ///< the next output of the same state, its suffixes' ones behind
  };

  std::size_t add_state();
  void link_suffixes();

  std::array<std::uint8_t, 256> class_of_{};  ///< octets that no literal has share class 0
  std::size_t classes_ = 1;
  std::vector<std::uint32_t> next_;   ///< state * classes_ + class
  std::vector<std::uint32_t> first_;  ///< a state's first output
  std::vector<Output> outputs_;
};

}  // namespace maildiag::rulebook
