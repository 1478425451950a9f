/// Eight octets at a time, for what looks at every octet of names and texts: octet by octet it
/// showed in the profile of every bulk run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace maildiag {

inline constexpr std::size_t word_size = sizeof(std::uint64_t);
inline constexpr std::uint64_t each_octet = 0x0101010101010101U;

/// REQUIRES: word_size octets there.
inline std::uint64_t word_at(const char* place) {
  std::uint64_t word = 0;
  std::memcpy(&word, place, word_size);
  return word;
}

/// The last octets of a text, fewer than word_size, filled up with zeros.
inline std::uint64_t word_of_rest(std::string_view rest) {
  std::uint64_t word = 0;
  std::memcpy(&word, rest.data(), rest.size());
  return word;
}

/// Without ASCII capitals; other octets stay.
inline std::uint64_t lower_word(std::uint64_t word) {
  // Without their highest bits no octet's sum reaches the next one.
  const auto low = word & (0x7F * each_octet);
  const auto from_a = low + (0x80 - 'A') * each_octet;
  const auto above_z = low + (0x80 - 'Z' - 1) * each_octet;
  const auto capitals = (from_a ^ above_z) & ~word & (0x80 * each_octet);
  return word | capitals >> 2U;
}

/// All of its octets are printable ASCII (0x20 to 0x7e).
inline bool is_printable_word(std::uint64_t word) {
  const auto low = word & (0x7F * each_octet);
  const auto from_space = low + (0x80 - ' ') * each_octet;
  const auto is_delete = low + each_octet;
  return ((word | ~from_space | is_delete) & (0x80 * each_octet)) == 0;
}

inline bool is_printable_ascii(std::string_view text) {
  std::size_t at = 0;
  for (; at + word_size <= text.size(); at += word_size) {
    if (!is_printable_word(word_at(text.data() + at))) return false;
  }
  for (; at < text.size(); ++at) {
    if (text[at] < 0x20 || text[at] > 0x7e) return false;
  }
  return true;
}

}  // namespace maildiag
