#include "report/json_text.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "core/utf8.h"

namespace maildiag::report {

namespace {

void append_unit(std::string& out, unsigned unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += digits[(unit >> shift) & 15U];
}

void append_point(std::string& out, char32_t point) {
  switch (point) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (point < 0x10000) return append_unit(out, static_cast<unsigned>(point));
  const auto rest = static_cast<unsigned>(point) - 0x10000U;
  append_unit(out, 0xD800U + (rest >> 10U));
  append_unit(out, 0xDC00U + (rest & 0x3FFU));
}

bool is_plain(char c) {
  return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
}

/// Of eight octets. Explain writes 2.5 KB an object, nearly all of it plain.
bool are_plain(const char* place) {
  constexpr std::uint64_t each = 0x0101010101010101U, high = 0x80 * each;
  std::uint64_t word = 0;
  std::memcpy(&word, place, sizeof word);
  // The highest bit of an octet of 0, and at times of one above it, which is then looked at alone.
  const auto is_zero = [](std::uint64_t octets) { return (octets - each) & ~octets & high; };
  const auto controls = ((word & ~high) + (0x80 - ' ') * each) ^ high;
  return ((word | (controls & high) | is_zero(word ^ '"' * each) | is_zero(word ^ '\\' * each) |
           is_zero(word ^ '\x7f' * each)) &
          high) == 0;
}

std::size_t plain_length(std::string_view text) {
  std::size_t at = 0;
  while (at + sizeof(std::uint64_t) <= text.size() && are_plain(text.data() + at))
    at += sizeof(std::uint64_t);
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_double(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  const auto start = out.size();
  fmt::format_to(std::back_inserter(out), "{}", number);
  // A double stays one for the reader.
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const auto plain = plain_length(text);
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto next = utf8::decode(text);
    append_point(out, next.valid ? next.point : char32_t{0xFFFD});
    text.remove_prefix(next.length);
  }
  out += '"';
}

void append_json(std::string& out, const Value& value) {
  if (value.is_string()) {
    append_json(out, std::string_view(value.as_string()));
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    fmt::format_to(std::back_inserter(out), "{}", value.as_integer());
  } else if (value.is_double()) {
    append_double(out, value.as_double());
  } else if (value.is_array()) {
    char separator = '[';
    for (const auto& item : value.as_array()) {
      out += separator;
      append_json(out, item);
      separator = ',';
    }
    out += value.as_array().empty() ? "[]" : "]";
  } else if (value.is_object()) {
    char separator = '{';
    for (const auto& member : value.as_object()) {
      out += separator;
      append_json(out, std::string_view(member.key));
      out += ':';
      append_json(out, member.value);
      separator = ',';
    }
    out += value.as_object().empty() ? "{}" : "}";
  } else {
    out += "null";
  }
}

}  // namespace maildiag::report
