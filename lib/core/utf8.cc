#include "core/utf8.h"

#include <algorithm>
#include <array>

#include "core/character_widths.h"

namespace maildiag::utf8 {

namespace {

/// `ranges` stand in order.
template <std::size_t N>
bool in_ranges(const std::array<Range, N>& ranges, char32_t point) {
  const auto* const range = std::partition_point(
      ranges.begin(), ranges.end(), [point](const Range& each) { return each.last < point; });
  return range != ranges.end() && range->first <= point;
}

// What a terminal obeys or no reader sees: C1, all of Cf but the signs before numbers, line and
// paragraph separators, Default_Ignorable_Code_Point (fillers of Hangul, variation selectors),
// the braille pattern without a dot, and what is no character of XML. In order.
constexpr std::array invisible{
    Range{0x80, 0x9F},       Range{0xAD, 0xAD},       Range{0x34F, 0x34F},
    Range{0x61C, 0x61C},     Range{0x115F, 0x1160},   Range{0x17B4, 0x17B5},
    Range{0x180B, 0x180F},   Range{0x200B, 0x200F},   Range{0x2028, 0x202E},
    Range{0x2060, 0x206F},   Range{0x2800, 0x2800},   Range{0x3164, 0x3164},
    Range{0xFE00, 0xFE0F},   Range{0xFEFF, 0xFEFF},   Range{0xFFA0, 0xFFA0},
    Range{0xFFF0, 0xFFFB},   Range{0xFFFE, 0xFFFF},   Range{0x13430, 0x1343F},
    Range{0x1BCA0, 0x1BCA3}, Range{0x1D173, 0x1D17A}, Range{0xE0000, 0xE0FFF}};

}  // namespace

Decoded decode(std::string_view bytes) {
  const auto octet = [&bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const unsigned char first = octet(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return {};
  char32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= bytes.size() || (octet(i) & 0xC0U) != 0x80) return {0xFFFD, i, false};
    point = point << 6U | (octet(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
    return {0xFFFD, length, false};
  return {point, length, true};
}

void append(std::string& text, char32_t point) {
  if (point >= 0x10000) text += static_cast<char>(0xF0 | point >> 18U);
  if (point >= 0x10000) text += static_cast<char>(0x80 | (point >> 12U & 0x3FU));
  if (point >= 0x800 && point < 0x10000) text += static_cast<char>(0xE0 | point >> 12U);
  if (point >= 0x800) text += static_cast<char>(0x80 | (point >> 6U & 0x3FU));
  if (point >= 0x80 && point < 0x800) text += static_cast<char>(0xC0 | point >> 6U);
  text += static_cast<char>(point < 0x80 ? point : 0x80 | (point & 0x3FU));
}

std::size_t columns(char32_t point) {
  if (point < 0x300) return 1;
  if (in_ranges(combining, point)) return 0;
  return in_ranges(wide, point) ? 2 : 1;
}

bool is_invisible(char32_t point) {
  if (point < 0x80) return false;
  return in_ranges(invisible, point);
}

}  // namespace maildiag::utf8
