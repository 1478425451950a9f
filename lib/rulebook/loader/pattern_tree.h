/// The parts of a rule's pattern, as far as they are understood.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag::rulebook {

/// Characters of ASCII; letters stand for both of their cases and are known by the small one.
class AsciiSet {
 public:
  constexpr bool has(unsigned char c) const { return c < 128 && (bits_[c / 64] >> (c % 64) & 1); }
  constexpr void add(unsigned char c) {
    if (c >= 'A' && c <= 'Z') c = static_cast<unsigned char>(c - 'A' + 'a');
    if (c < 128) bits_[c / 64] |= std::uint64_t{1} << (c % 64);
  }
  constexpr void add(const AsciiSet& other) {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= other.bits_[i];
  }
  constexpr void invert() {
    for (auto& bits : bits_) bits = ~bits;
  }
  bool operator==(const AsciiSet&) const = default;

 private:
  std::array<std::uint64_t, 2> bits_{};
};

/// From `first` to `last`, both of them too.
struct PointRange {
  char32_t first = 0, last = 0;
  bool operator==(const PointRange&) const = default;
};

/// `some`: which, is not known.
enum class Beyond : char { none, listed, some, all };

struct PatternNode {
  enum class Kind : char {
    unknown,       ///< anything at all
    empty,         ///< no text
    begin,         ///< `^`, `\A`
    end,           ///< `$`, `\z`
    word_border,   ///< `\b`
    no_border,     ///< `\B`
    text,          ///< `text`, ignoring case
    set,           ///< one character of `members`, or `beyond` ASCII
    sequence,      ///< `children`, one behind the other
    alternatives,  ///< one of `children`
    repeat         ///< `children[0]`, `least` to `most` times
  };
  static constexpr int no_limit = std::numeric_limits<int>::max();

  Kind kind = Kind::empty;
  std::string text;    ///< UTF-8; in lower case as fold() writes it
  int characters = 0;  ///< of `text`
  bool folds = true;   ///< false: how the character folds is not known; then it is none of ASCII,
                       ///< nor matches one
  AsciiSet members;
  Beyond beyond = Beyond::none;
  std::vector<PointRange> points;  ///< where `listed`: in the case of fold(), in order, apart
  int least = 1, most = 1;
  std::vector<PatternNode> children;
};

struct PatternTree {
  PatternNode root;
  bool has_flags = false;  ///< `(?i)`, `(?-s:...)`: something may match in another way than usual
};

/// Whether the tree matches somewhere in a text is the same as for `pattern`, but it lacks what has
/// no say in that: "(?:no )?PTR record.*" matches where "PTR record" does. Groups have no node of
/// their own. REQUIRES: RE2 accepts `pattern`.
PatternTree tree_of(std::string_view pattern);

/// Octets of the UTF-8 sequence that begins with `lead`.
constexpr std::size_t sequence_length(char lead) {
  const auto octet = static_cast<unsigned char>(lead);
  return octet < 0x80 ? 1 : octet < 0xE0 ? 2 : octet < 0xF0 ? 3 : 4;
}

}  // namespace maildiag::rulebook
