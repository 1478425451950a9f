#include "rulebook/loader/letter_case.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "core/utf8.h"

namespace maildiag::rulebook {
namespace {

/// Without letters that have a case. Between kana and Hangul there are Cyrillic, Latin and Cherokee
/// letters (U+A640 to U+ABBF), among the wide forms those of ASCII.
constexpr std::array<PointRange, 10> caseless = {{{0xA0, 0xB4},
                                                  {0xB6, 0xBF},
                                                  {0xD7, 0xD7},
                                                  {0xF7, 0xF7},
                                                  {0x2000, 0x206F},
                                                  {0x3000, 0xA63F},
                                                  {0xABC0, 0xD7A3},
                                                  {0xFF00, 0xFF20},
                                                  {0xFF3B, 0xFF40},
                                                  {0xFF5B, 0xFFEF}}};

/// With them. U+00B5 has a Greek letter for another case.
constexpr std::array<PointRange, 7> with_letters = {{{0xB6, 0x17F},
                                                     {0x401, 0x401},
                                                     {0x410, 0x44F},
                                                     {0x451, 0x451},
                                                     {0x1C80, 0x1C86},
                                                     {0x1E9E, 0x1E9E},
                                                     {0x212A, 0x212B}}};

template <std::size_t Size>
bool is_within_one(PointRange range, const std::array<PointRange, Size>& known) {
  return std::any_of(known.begin(), known.end(), [range](const auto& each) {
    return each.first <= range.first && range.last <= each.last;
  });
}

/// U+00C0 to U+017F.
char32_t folded_latin(char32_t point) {
  if (point <= 0xDE) return point == 0xD7 ? point : point + 0x20;
  if (point < 0x100 || point == 0x130 || point == 0x131 || point == 0x138 || point == 0x149)
    return point;
  if (point == 0x178) return 0xFF;
  if (point == 0x17F) return U's';
  // Pairs, of which the capital is even, but for two stretches where it is odd.
  const bool is_odd = (point >= 0x139 && point <= 0x148) || point >= 0x179;
  return (point % 2 == 1) == is_odd ? point + 1 : point;
}

/// U+1C80 to U+1C86: old forms of small letters.
char32_t folded_old_russian(char32_t point) {
  constexpr std::u32string_view letters = U"вдосттъ";
  return letters[point - 0x1C80];
}

/// Whether something that begins with this octet is folded.
bool may_fold(char lead) {
  return (lead >= '\xc3' && lead <= '\xc5') || lead == '\xd0' || lead == '\xe1' || lead == '\xe2';
}

}  // namespace

char32_t folded(char32_t point) {
  if (point < 0x80) return point >= U'A' && point <= U'Z' ? point + 0x20 : point;
  if (point >= 0xC0 && point <= 0x17F) return folded_latin(point);
  if (point >= 0x410 && point <= 0x42F) return point + 0x20;
  if (point >= 0x1C80 && point <= 0x1C86) return folded_old_russian(point);
  switch (point) {
    case 0x401:
      return 0x451;
    case 0x1E9E:
      return 0xDF;
    case 0x212A:
      return U'k';
    case 0x212B:
      return 0xE5;
    default:
      return point;
  }
}

bool is_case_known(PointRange range) {
  return is_within_one(range, with_letters) || are_caseless(range);
}

bool are_caseless(PointRange range) {
  return is_within_one(range, caseless);
}

std::string fold(std::string_view text) {
  if (text::is_ascii(text)) return text::ascii_lower(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (!may_fold(c)) {
      result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      ++i;
      continue;
    }
    // Of what is cut off only the first octet is taken: the next one counts for itself.
    const auto decoded = utf8::decode(text.substr(i));
    if (decoded.valid) {
      utf8::append(result, folded(decoded.point));
      i += decoded.length;
    } else {
      result += c;
      ++i;
    }
  }
  return result;
}

}  // namespace maildiag::rulebook
