/// Whether a rule's pattern matches somewhere in a text: what RE2 answers, too, at several times
/// the price, as each of its many automata is met too seldom to stay in a cache.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/loader/pattern_tree.h"

namespace maildiag::rulebook {

/// One octet for each character: an ASCII one itself, any other what it shares with few others.
/// The first octets of UTF-8 would tell one Hangul syllable from another too seldom.
constexpr char mark_of(char32_t point) {
  return static_cast<char>(point < 0x80 ? point : 0x80 | (point & 0x7F));
}

/// A text in the forms in which patterns are tried.
struct FoldedText {
  explicit FoldedText(std::string_view text);

  /// The mark of each character where `folded` has its first octet; of use where all are valid.
  std::string_view marks() const { return kind == Kind::ascii ? folded : other_marks; }

  std::string_view text;
  std::string folded;  ///< fold(text)
  std::string other_marks;
  /// `other`: invalid UTF-8, or letters of which fold() makes fewer octets: only RE2 knows them.
  enum class Kind : char { ascii, utf8, other } kind = Kind::ascii;
};

/// A set of marks.
class MarkSet {
 public:
  bool has(char mark) const {
    const auto c = static_cast<unsigned char>(mark);
    return (bits_[c / 64] >> (c % 64) & 1) != 0;
  }
  void add(char mark) {
    const auto c = static_cast<unsigned char>(mark);
    bits_[c / 64] |= std::uint64_t{1} << (c % 64);
  }
  void add(const MarkSet& other) {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= other.bits_[i];
  }
  void add_all_beyond_ascii() { bits_[2] = bits_[3] = ~std::uint64_t{0}; }
  /// A bit for the lower five bits of each.
  std::uint32_t low_bits() const {
    const auto all = bits_[0] | bits_[1] | bits_[2] | bits_[3];
    return static_cast<std::uint32_t>(all | all >> 32);
  }
  /// The one that it holds, if it is only one.
  std::optional<char> only() const {
    std::optional<char> found;
    for (unsigned i = 0; i < bits_.size(); ++i) {
      if (bits_[i] == 0) continue;
      if (found || !std::has_single_bit(bits_[i])) return std::nullopt;
      found = static_cast<char>(64 * i + static_cast<unsigned>(std::countr_zero(bits_[i])));
    }
    return found;
  }
  bool operator==(const MarkSet&) const = default;

 private:
  std::array<std::uint64_t, 4> bits_{};
};

/// A set of characters.
struct CharacterSet {
  MarkSet marks;                   ///< of them, and beyond ASCII perhaps of others
  std::vector<PointRange> points;  ///< those beyond ASCII; none: `marks` says it all

  bool operator==(const CharacterSet&) const = default;
};

/// Which pairs of marks a match may begin with; of each mark five bits count.
class MarkPairs {
 public:
  bool has(char first, char second) const { return (rows_[low(first)] >> low(second) & 1) != 0; }
  /// Each of `first` before each of `second`, as MarkSet::low_bits() gives them.
  void add(std::uint32_t first, std::uint32_t second) {
    for (unsigned low = 0; low < rows_.size(); ++low) {
      if ((first >> low & 1) != 0) rows_[low] |= second;
    }
  }

 private:
  static unsigned low(char mark) { return static_cast<unsigned char>(mark) & 31U; }

  std::array<std::uint32_t, 32> rows_{};
};

/// Steps that go back where they fail. Immutable; thread-safe.
class PatternProgram {
 public:
  /// nullopt: the pattern holds what only RE2 knows, or too much.
  static std::optional<PatternProgram> compile(const PatternTree& pattern);

  /// nullopt: RE2 must be asked, as of the text or of going back there is too much. So the time is
  /// linear in the text's length.
  std::optional<bool> matches(const FoldedText& text) const;

  enum class Op : std::uint8_t {
    text,    ///< `size` octets of texts_ at `at`
    one,     ///< a character of `set`
    run,     ///< `least` to `most` of them; what comes behind begins with `next`, then `second`
    branch,  ///< what follows, if it begins with `set`, then `second`; else or then, what is at
             ///< `at`
    jump,    ///< to `at`
    begin,
    end,
    word_border,
    no_border,
    match
  };
  struct Step {
    Op op = Op::match;
    std::uint16_t at = 0, size = 0;               // of texts_, or a step
    std::uint16_t set = 0, next = 0, second = 0;  // of sets_
    std::uint16_t least = 0, most = 0;            // no_limit: any number
  };
  static constexpr std::uint16_t no_limit = UINT16_MAX;
  /// Of a set that is not looked at: what comes may be the end.
  static constexpr std::uint16_t any_set = UINT16_MAX;
  /// And the only mark of a set of one: most sets are, and what stands in the step itself is at
  /// hand, as sets_ is not in each of a thousand programs.
  static constexpr std::uint16_t only_mark = 0xFE00;
  static constexpr bool is_only_mark(std::uint16_t set) { return (set & 0xFF00) == only_mark; }

 private:
  friend class ProgramWriter;
  class Run;

  std::vector<Step> steps_;
  std::vector<CharacterSet> sets_;
  std::string texts_;
  std::uint16_t start_ = any_set;  ///< what a match begins with
  MarkPairs start_pairs_;
  bool starts_at_border_ = false;
  bool only_at_begin_ = false;
  bool ascii_only_ = false;  ///< more is not known of other characters
};

}  // namespace maildiag::rulebook
