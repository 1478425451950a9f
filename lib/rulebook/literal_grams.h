/// Finds which of many literals stand in a text, by four octets of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace maildiag::rulebook {

/// Each literal is known by the rarest four octets in a row that it has (a shorter one by all that
/// it has): one look into 8 KiB tells for nearly every place of a text that none of them is there.
/// An automaton (Aho and Corasick, 1975) of the shipped literals has 35,000 states in 11 MB, and
/// every octet waits for memory.
class LiteralGrams {
 public:
  /// (literal, what it stands for); no literal is empty. The texts are copied.
  explicit LiteralGrams(const std::vector<std::pair<std::string_view, std::uint32_t>>& literals);

  /// Calls `found` with what each literal in `text` stands for, as often as one stands there.
  template <class Found>
  void search(std::string_view text, Found&& found) const {
    std::uint32_t window = 0;  // the last four octets
    for (std::size_t end = 1; end <= text.size(); ++end) {
      window = window << 8 | static_cast<unsigned char>(text[end - 1]);
      for (const auto& table : tables_) {
        const auto gram = window & table.mask;
        const auto slot = slot_of(gram);
        if ((table.filled[slot / 64] >> (slot % 64) & 1) == 0) continue;
        for (auto at = table.starts[slot]; at != table.starts[slot + 1]; ++at) {
          const auto& entry = table.entries[at];
          if (entry.gram == gram && stands(entry, text, end)) found(entry.meaning);
        }
      }
    }
  }

 private:
  static constexpr std::size_t longest_gram = 4;
  static constexpr unsigned slot_bits = 16;
  static constexpr std::size_t slots = 1UL << slot_bits;

  struct Entry {
    std::uint32_t gram;  ///< big-endian
    std::uint32_t meaning;
    std::uint32_t begin;  ///< of the literal in texts_
    std::uint32_t size;
    std::uint32_t gram_end;  ///< in the literal
  };
  /// The literals whose grams have one length.
  struct Table {
    std::uint32_t mask = 0;
    std::vector<std::uint64_t> filled;  ///< a bit for each slot
    std::vector<std::uint32_t> starts;  ///< of each slot's entries
    std::vector<Entry> entries;         ///< by slot
  };

  /// Fibonacci hashing.
  static std::size_t slot_of(std::uint32_t gram) {
    return gram * std::uint32_t{0x9E3779B1} >> (32 - slot_bits);
  }
  bool stands(const Entry& entry, std::string_view text, std::size_t gram_end) const {
    if (gram_end < entry.gram_end) return false;
    return text.substr(gram_end - entry.gram_end, entry.size) ==
           std::string_view(texts_).substr(entry.begin, entry.size);
  }
  static Table make_table(std::size_t length, std::vector<Entry> entries);

  std::string texts_;
  std::vector<Table> tables_;  ///< of the lengths that there are
};

}  // namespace maildiag::rulebook
