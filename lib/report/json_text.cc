#include "report/json_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "core/octet_word.h"
#include "core/utf8.h"

namespace maildiag::report {

namespace {

bool is_plain(char c) {
  return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
}

/// Of all its octets. Nearly all of a report is plain.
bool is_plain_word(std::uint64_t word) {
  constexpr std::uint64_t high = 0x80 * each_octet, low = 0x7f * each_octet;
  const auto differs = [word](std::uint64_t octet) { return ((word ^ octet) & low) + low; };
  const auto from_space = (word & low) + (0x80 - ' ') * each_octet;
  const auto is_delete = (word & low) + each_octet;
  return (from_space & differs('"' * each_octet) & differs('\\' * each_octet) & ~is_delete & ~word &
          high) == high;
}

template <class Word>
Word load(const char* place) {
  Word word = 0;
  std::memcpy(&word, place, sizeof word);
  return word;
}

template <class Word>
void copy(char* to, const char* from) {
  std::memcpy(to, from, sizeof(Word));
}

/// Copies what is plain at the beginning of `text`, and says how long it is. REQUIRES: room for all
/// of it.
std::size_t copy_plain(char* to, std::string_view text) {
  const auto size = text.size();
  const char* from = text.data();
  std::size_t at = 0;
  for (; at + word_size <= size; at += word_size) {
    if (!is_plain_word(load<std::uint64_t>(from + at))) break;
    copy<std::uint64_t>(to + at, from + at);
  }
  // What is left may be looked at together with octets that were looked at before.
  if (at == size) return size;
  if (at + word_size > size && size >= word_size) {
    const auto last = size - word_size;
    if (is_plain_word(load<std::uint64_t>(from + last))) {
      copy<std::uint64_t>(to + last, from + last);
      return size;
    }
  } else if (size < word_size && size >= sizeof(std::uint32_t)) {
    const auto last = size - sizeof(std::uint32_t);
    const auto both = load<std::uint32_t>(from) | std::uint64_t{load<std::uint32_t>(from + last)}
                                                      << 32U;
    if (is_plain_word(both)) {
      copy<std::uint32_t>(to, from);
      copy<std::uint32_t>(to + last, from + last);
      return size;
    }
  }
  for (; at < size && is_plain(from[at]); ++at) to[at] = from[at];
  return at;
}

}  // namespace

void JsonWriter::grow(std::size_t octets) {
  constexpr std::size_t ahead = 1024;  // it is filled with zeros first
  const auto size = used_ + octets + ahead;
  if (size > out_.capacity()) out_.reserve(std::max(size, 2 * out_.capacity()));
  out_.resize(size);
}

void JsonWriter::raw(std::string_view piece) {
  std::memcpy(room(piece.size()), piece.data(), piece.size());
  used_ += piece.size();
}

void JsonWriter::text(std::string_view text) {
  char* place = room(text.size() + 2);
  *place = '"';
  const auto plain = copy_plain(place + 1, text);
  used_ += plain + 1;
  if (plain < text.size()) escaped(text.substr(plain));
  raw('"');
}

/// REQUIRES: the text begins with what is to be escaped.
void JsonWriter::escaped(std::string_view text) {
  while (!text.empty()) {
    const auto next = utf8::decode(text);
    point(next.valid ? next.point : char32_t{0xFFFD});
    text.remove_prefix(next.length);
    const auto plain = copy_plain(room(text.size()), text);
    used_ += plain;
    text.remove_prefix(plain);
  }
}

void JsonWriter::point(char32_t point) {
  switch (point) {
    case '"':
      return raw("\\\"");
    case '\\':
      return raw("\\\\");
    case '\b':
      return raw("\\b");
    case '\f':
      return raw("\\f");
    case '\n':
      return raw("\\n");
    case '\r':
      return raw("\\r");
    case '\t':
      return raw("\\t");
    default:
      break;
  }
  if (point < 0x10000) return unit(static_cast<unsigned>(point));
  const auto rest = static_cast<unsigned>(point) - 0x10000U;
  unit(0xD800U + (rest >> 10U));
  unit(0xDC00U + (rest & 0x3FFU));
}

void JsonWriter::unit(unsigned unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  raw("\\u");
  for (const unsigned shift : {12U, 8U, 4U, 0U}) raw(digits[(unit >> shift) & 15U]);
}

void JsonWriter::integer(std::int64_t number) {
  const fmt::format_int digits(number);
  raw({digits.data(), digits.size()});
}

void JsonWriter::number(double number) {
  if (!std::isfinite(number)) return raw("null");
  // The shortest digits that read back as the same number: 17, a sign, a point and an exponent.
  std::array<char, 32> digits{};
  const auto* end = fmt::format_to(digits.data(), FMT_COMPILE("{}"), number);
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  raw(text);
  // A double stays one for the reader.
  if (text.find_first_of(".e") == std::string_view::npos) raw(".0");
}

void JsonWriter::value(const Value& value) {
  if (value.is_string()) return text(value.as_string());
  if (value.is_bool()) return raw(value.as_bool() ? "true" : "false");
  if (value.is_integer()) return integer(value.as_integer());
  if (value.is_double()) return number(value.as_double());
  if (value.is_array()) {
    char separator = '[';
    for (const auto& item : value.as_array()) {
      raw(separator);
      this->value(item);
      separator = ',';
    }
    return raw(value.as_array().empty() ? "[]" : "]");
  }
  if (value.is_object()) {
    char separator = '{';
    for (const auto& member : value.as_object()) {
      raw(separator);
      text(member.key);
      raw(':');
      this->value(member.value);
      separator = ',';
    }
    return raw(value.as_object().empty() ? "{}" : "}");
  }
  raw("null");
}

void append_json(std::string& out, std::string_view text) {
  JsonWriter(out).text(text);
}

void append_json(std::string& out, const Value& value) {
  JsonWriter(out).value(value);
}

}  // namespace maildiag::report
