/// The letters of a question in upper or lower case at random, which an answer has to repeat: one
/// bit more for each letter that a forger has to guess (draft-vixie-dnsext-dns0x20; servers copy
/// the question, RFC 1035 section 4.1.1, and compare without case, RFC 4343).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "dns/random_source.h"

namespace maildiag::dns {

class LetterCase {
 public:
  /// As asked.
  LetterCase() = default;
  explicit LetterCase(RandomSource& random) {
    for (int i = 0; i < 4; ++i) bits_ = bits_ << 16U | random.next();
  }

  bool is_as_asked() const { return bits_ == 0; }

  /// A name in wire form as it is sent. Eight octets at a time, as each question of a sweep comes
  /// through here twice; all 64 bits are used before one is used again.
  class Spelling {
   public:
    Spelling(const std::string& wire, std::uint64_t bits) : size_(wire.size()) {
      std::memcpy(octets_.data(), wire.data(), size_);
      std::memset(octets_.data() + size_, 0, room - size_ < 8 ? room - size_ : 8);
      for (std::size_t at = 0; at < size_; at += 8) flip(at, std::rotr(bits, int(at / 8 % 8)));
    }
    std::string_view view() const { return {octets_.data(), size_}; }

   private:
    static constexpr std::size_t room = 256;  // a name has 255 at most
    static constexpr std::uint64_t each = 0x0101010101010101U;

    /// Adding to seven bits reaches the eighth exactly from 'a' (from above 'z') on; the octets
    /// before labels are below 64 and so no letters.
    void flip(std::size_t at, std::uint64_t bits) {
      std::uint64_t word = 0;
      std::memcpy(&word, octets_.data() + at, 8);
      const std::uint64_t low = (word | each * 0x20U) & each * 0x7fU;
      const std::uint64_t from_a = low + each * (0x80U - 'a');
      const std::uint64_t above_z = low + each * (0x7fU - 'z');
      const std::uint64_t letters = from_a & ~above_z & ~word & each * 0x80U;
      word ^= letters >> 2U & bits;
      std::memcpy(octets_.data() + at, &word, 8);
    }

    std::size_t size_;
    std::array<char, room> octets_;
  };
  /// REQUIRES: a name's wire form, at most 255 octets.
  Spelling spell(const std::string& wire) const { return {wire, bits_}; }

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace maildiag::dns
