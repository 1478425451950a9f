#include "report/json_text.h"

#include <cmath>

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
  std::size_t plain = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (is_plain(text[at])) {
      ++at;
      continue;
    }
    out.append(text, plain, at - plain);
    const auto next = utf8::decode(text.substr(at));
    append_point(out, next.valid ? next.point : char32_t{0xFFFD});
    at += next.length;
    plain = at;
  }
  out.append(text, plain, text.size() - plain);
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
