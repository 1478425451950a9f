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
  explicit LiteralGrams(std::vector<std::pair<std::string_view, std::uint32_t>> literals);

  /// Calls `found` with what each literal in `text` stands for, as often as one stands there.
  template <class Found>
  void search(std::string_view text, Found&& found) const {
    std::uint32_t window = 0;  // the last four octets
    for (std::size_t end = 1; end <= text.size(); ++end) {
      window = window << 8 | static_cast<unsigned char>(text[end - 1]);
      if (has(filled_, slot_of(window))) tell(table_, window, text, end, found);
      if (!has(short_ends_, window & 0xFFFF)) continue;
      for (const auto& table : short_tables_) tell(table, window & table.mask, text, end, found);
    }
  }

 private:
  static constexpr std::size_t longest_gram = 4;
  static constexpr unsigned slot_bits = 16;
  static constexpr std::size_t slots = 1UL << slot_bits;
  /// Entries of so many slots stand together: the places of all slots would be 256 KiB.
  static constexpr unsigned slots_together = 16;

  using Bits = std::vector<std::uint64_t>;

  struct Entry {
    std::uint32_t gram;   ///< big-endian
    std::uint32_t begin;  ///< of the literal in texts_
    std::uint32_t size;
    std::uint32_t gram_end;             ///< in the literal
    std::uint32_t meanings, more_from;  ///< its part of meanings_
  };
  /// The literals whose grams have one length.
  struct Table {
    std::uint32_t mask = 0;
    std::vector<std::uint32_t> starts;  ///< of the entries of some slots
    std::vector<Entry> entries;         ///< by slot
  };

  static bool has(const Bits& bits, std::size_t slot) {
    return (bits[slot / 64] >> (slot % 64) & 1) != 0;
  }
  static void set(Bits& bits, std::size_t slot) {
    bits[slot / 64] |= std::uint64_t{1} << (slot % 64);
  }
  /// Fibonacci hashing.
  static std::size_t slot_of(std::uint32_t gram) {
    return gram * std::uint32_t{0x9E3779B1} >> (32 - slot_bits);
  }

  template <class Found>
  void tell(const Table& table, std::uint32_t gram, std::string_view text, std::size_t end,
            Found& found) const {
    const auto place = slot_of(gram) / slots_together;
    for (auto at = table.starts[place]; at != table.starts[place + 1]; ++at) {
      const auto& entry = table.entries[at];
      if (entry.gram != gram || !stands(entry, text, end)) continue;
      for (auto i = entry.meanings; i != entry.more_from; ++i) found(meanings_[i]);
    }
  }
  bool stands(const Entry& entry, std::string_view text, std::size_t gram_end) const {
    if (gram_end < entry.gram_end) return false;
    return text.substr(gram_end - entry.gram_end, entry.size) ==
           std::string_view(texts_).substr(entry.begin, entry.size);
  }
  static Table make_table(std::size_t length, std::vector<Entry> entries);
  void note_short_ends(std::size_t length, const Table& table);

  std::string texts_;
  std::vector<std::uint32_t> meanings_;
  Table table_;                      ///< of the grams of four octets
  std::vector<Table> short_tables_;  ///< of other lengths that there are
  Bits filled_;                      ///< the slots of table_ that hold something
  Bits short_ends_;                  ///< the last two octets of the shorter grams
};

}  // namespace maildiag::rulebook
