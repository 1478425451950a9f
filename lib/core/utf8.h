/// One code point at a time (RFC 3629), and how wide it is on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace maildiag::utf8 {

struct Decoded {
  char32_t point = 0xFFFD;
  std::size_t length = 1;  ///< octets consumed; at least 1
  bool valid = false;
};
/// REQUIRES: not empty. Overlong forms, surrogates and points above U+10FFFF are invalid.
Decoded decode(std::string_view bytes);

/// The octets of a point; what decode() calls invalid stays so.
void append(std::string& text, char32_t point);

/// 0 (combining), 1 or 2 (East Asian wide, Hangul, emoji).
std::size_t columns(char32_t point);
/// C1 controls, bidi controls, zero-width, tag and other format characters, fillers and variation
/// selectors: what changes what a reader sees, or is not seen. Also what XML does not allow.
bool is_invisible(char32_t point);

}  // namespace maildiag::utf8
