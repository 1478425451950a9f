#include "rulebook/manual/mdoc.h"

#include <cstddef>

#include "core/text.h"

namespace maildiag::rulebook {

namespace {

/// mandoc(1) calls lines of more than 80 octets bad style.
constexpr std::size_t widest_line = 78;

/// Whether the words are the end of a sentence and the beginning of the next: not "e.g. a".
bool sentence_ends(std::string_view word, std::string_view next) {
  while (word.ends_with(')') || word.ends_with('"')) word.remove_suffix(1);
  if (!word.ends_with('.') && !word.ends_with('!') && !word.ends_with('?')) return false;
  while (next.starts_with('(') || next.starts_with('"')) next.remove_prefix(1);
  if (next.empty()) return false;
  const auto octet = static_cast<unsigned char>(next.front());
  return (octet >= 'A' && octet <= 'Z') || octet >= 0x80;
}

}  // namespace

std::string mdoc_word(std::string_view word) {
  std::string result;
  // At the start of a line these begin a request.
  if (word.starts_with('.') || word.starts_with('\'')) result = "\\&";
  for (const char c : word) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";  // stays the character that an option or a name has
    } else {
      result += c;
    }
  }
  return result;
}

std::string mdoc_text(std::string_view text) {
  std::string result;
  std::size_t column = 0;
  std::string_view last;
  while (!text.empty()) {
    const auto end = text.find(' ');
    const auto word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (word.empty()) continue;
    const auto escaped = mdoc_word(word);
    const auto width = text::display_width(escaped);
    if (column != 0) {
      const bool breaks = column + 1 + width > widest_line || sentence_ends(last, word);
      result += breaks ? '\n' : ' ';
      column = breaks ? 0 : column + 1;
    }
    result += escaped;
    column += width;
    last = word;
  }
  if (!result.empty()) result += '\n';
  return result;
}

}  // namespace maildiag::rulebook
