/// What a rule's pattern demands of a text beside one literal, in a form that is looked at for each
/// of many texts: numbers that lie together, as to look at the literals is to wait for memory.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "rulebook/loader/pattern.h"

namespace maildiag::rulebook {

/// Each way begins with how many numbers it takes, itself included; in it each set does; then stand
/// the grams of its literals. The first set of a sole way is left out, as it is
/// `PatternNeeds::literals`.
std::vector<std::uint32_t> packed(const LiteralWays& ways);

/// Which grams of three octets, a Hangul syllable or three letters, stand in a text. Nearly every
/// literal that does not is told so by its first and its last one.
class TextGrams {
 public:
  explicit TextGrams(std::string_view folded);

  /// False: the text is in none of the packed ways. Of none at all: true.
  bool may_be_in(std::span<const std::uint32_t> ways) const {
    if (ways.empty()) return true;
    for (; !ways.empty(); ways = ways.subspan(ways.front()))
      if (may_have_all(ways.subspan(1, ways.front() - 1))) return true;
    return false;
  }

 private:
  bool may_have_all(std::span<const std::uint32_t> sets) const {
    for (; !sets.empty(); sets = sets.subspan(sets.front()))
      if (!may_have_one(sets.subspan(1, sets.front() - 1))) return false;
    return true;
  }
  bool may_have_one(std::span<const std::uint32_t> literals) const {
    for (const auto grams : literals)
      if (slots_[grams & 0xFFFF] && slots_[grams >> 16]) return true;
    return false;
  }

  friend std::vector<std::uint32_t> packed(const LiteralWays& ways);
  static constexpr std::size_t gram_octets = 3;
  static_assert(gram_octets <= least_octets_in_ways);
  static std::uint32_t gram_at(std::string_view text, std::size_t at);
  /// More of them cost more to clear for each text.
  static constexpr unsigned slot_bits = 12;
  static std::size_t slot_of(std::uint32_t gram) { return gram * 0x9E3779B1U >> (32 - slot_bits); }

  std::bitset<std::size_t{1} << slot_bits> slots_;
};

}  // namespace maildiag::rulebook
