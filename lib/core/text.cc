#include "core/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "core/octet_word.h"
#include "core/utf8.h"

namespace maildiag::text {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool same_letter(char a, char b) {
  return lower(a) == lower(b);
}

}  // namespace

bool is_ascii(std::string_view text) {
  std::uint64_t seen = 0;
  std::size_t at = 0;
  for (; at + word_size <= text.size(); at += word_size) seen |= word_at(text.data() + at);
  for (; at < text.size(); ++at) seen |= static_cast<unsigned char>(text[at]);
  return (seen & (0x80 * each_octet)) == 0;
}

std::string ascii_lower(std::string_view text) {
  std::string result(text);
  std::size_t at = 0;
  for (; at + word_size <= result.size(); at += word_size) {
    const auto word = lower_word(word_at(result.data() + at));
    std::memcpy(result.data() + at, &word, word_size);
  }
  for (; at < result.size(); ++at) result[at] = lower(result[at]);
  return result;
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, same_letter);
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  return equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

bool contains_ignore_case(std::string_view text, std::string_view part) {
  // Not std::ranges::search: clang 14 cannot compile libstdc++ 12's subrange.
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same_letter) !=
             text.end() ||
         part.empty();
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view strip_brackets(std::string_view text) {
  text = trim(text);
  if (text.starts_with('<')) text.remove_prefix(1);
  if (text.ends_with('>')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, start)) {
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  return lines;
}

std::string collapse_spaces(std::string_view text) {
  std::string result;
  for (const char c : trim(text)) {
    if (!is_space(c)) {
      result += c;
    } else if (result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

std::string to_valid_utf8(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size());
  const auto high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  while (!bytes.empty()) {
    // Mail is ASCII but for little; runs of it go at once.
    const auto run =
        static_cast<std::size_t>(std::find_if(bytes.begin(), bytes.end(), high) - bytes.begin());
    result += bytes.substr(0, run);
    bytes.remove_prefix(run);
    if (bytes.empty()) break;
    const auto next = utf8::decode(bytes);
    if (next.valid) {
      result += bytes.substr(0, next.length);
    } else {
      result += "\xEF\xBF\xBD";  // U+FFFD
    }
    bytes.remove_prefix(next.length);
  }
  return result;
}

std::string sanitize(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto next = utf8::decode(bytes);
    if (!next.valid) {
      result += "\xEF\xBF\xBD";
    } else if (next.point == '\t' || next.point == '\r' || next.point == '\n') {
      result += ' ';
    } else if (next.point < 0x20 || next.point == 0x7f) {
      fmt::format_to(std::back_inserter(result), "\\x{:02x}", static_cast<unsigned>(next.point));
    } else if (utf8::is_invisible(next.point)) {
      fmt::format_to(std::back_inserter(result), "\\u{{{:x}}}", static_cast<unsigned>(next.point));
    } else {
      result += bytes.substr(0, next.length);
    }
    bytes.remove_prefix(next.length);
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto next = utf8::decode(text);
    width += utf8::columns(next.point);
    text.remove_prefix(next.length);
  }
  return width;
}

namespace {

/// Splits off the longest beginning of `word` that is at most `width` columns wide, at least one
/// character.
std::string_view take_columns(std::string_view& word, std::size_t width) {
  std::size_t used = 0, at = 0;
  while (at < word.size()) {
    const auto next = utf8::decode(word.substr(at));
    const std::size_t columns = utf8::columns(next.point);
    if (at > 0 && used + columns > width) break;
    used += columns;
    at += next.length;
  }
  const auto part = word.substr(0, at);
  word.remove_prefix(at);
  return part;
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 2);
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  for (auto word : split(text, ' ')) {
    if (word.empty()) continue;
    std::size_t columns = display_width(word);
    if (used > 0 && used + 1 + columns <= width) {
      lines.back() += ' ';
      ++used;
    } else if (used > 0) {
      lines.emplace_back();
      used = 0;
    }
    // A word alone that is too long, e.g. a key or a Korean sentence without spaces. An address of
    // a page has to stay whole to be copied.
    const bool whole = columns > width && word.find("://") != std::string_view::npos;
    while (columns > width && !whole) {
      const auto line = take_columns(word, width);
      columns -= display_width(line);
      lines.back() = line;
      lines.emplace_back();
    }
    lines.back() += word;
    used += columns;
  }
  return lines;
}

std::string truncate(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width < 2) return std::string(width, '.');
  auto kept = take_columns(text, width - 1);
  if (display_width(kept) > width - 1) kept = {};  // one wide character where there is no room
  return std::string(kept) + "\xE2\x80\xA6";       // …
}

std::string fill_template(std::string_view pattern,
                          const std::function<const std::string*(std::string_view)>& lookup) {
  std::string result;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    result += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    pattern.remove_prefix(open);
    const auto close = pattern.find('}');
    const std::string* value =
        close != std::string_view::npos ? lookup(pattern.substr(1, close - 1)) : nullptr;
    const std::size_t consumed = value != nullptr ? close + 1 : 1;
    result += value != nullptr ? std::string_view(*value) : pattern.substr(0, 1);
    pattern.remove_prefix(consumed);
  }
  return result;
}

}  // namespace maildiag::text
