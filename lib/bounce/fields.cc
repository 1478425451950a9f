#include "bounce/fields.h"

#include <algorithm>
#include <array>

#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

/// RFC 5322 sets no limit; the longest registered name has 34 characters.
constexpr std::size_t max_field_name = 76;
/// Addresses of one field that are looked at.
constexpr std::size_t max_addresses = 1000;

constexpr std::array<std::string_view, 22> usual_names{"from",           "to",
                                                       "subject",        "date",
                                                       "received",       "return-path",
                                                       "message-id",     "mime-version",
                                                       "content-type",   "sender",
                                                       "delivered-to",   "x-original-to",
                                                       "reply-to",       "x-mailer",
                                                       "envelope-to",    "in-reply-to",
                                                       "auto-submitted", "x-failed-recipients",
                                                       "arc-seal",       "cc",
                                                       "dkim-signature", "authentication-results"};

}  // namespace

std::size_t field_name_length(std::string_view line) {
  const auto colon = line.substr(0, max_field_name + 1).find(':');
  if (colon == std::string_view::npos || colon == 0) return 0;
  // RFC 5322 section 3.6.8: printable US-ASCII; blanks in front of the colon are an old form
  // (section 4.5).
  auto name = line.substr(0, colon);
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  const bool printable =
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return printable && !name.empty() ? colon + 1 : 0;
}

namespace {

/// Where the first CR or LF stands; the text's size if there is none. In steps, so that a text of
/// one kind of line end is not searched to its end for the other at each of them.
std::size_t line_end(std::string_view text) {
  constexpr std::size_t step = 256;
  for (std::size_t at = 0; at < text.size(); at += step) {
    const auto part = text.substr(at, step);
    const auto end = std::min(part.find('\n'), part.find('\r'));
    if (end != std::string_view::npos) return at + end;
  }
  return text.size();
}

}  // namespace

std::string_view take_line(std::string_view& rest) {
  const auto end = line_end(rest);
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end);
  rest.remove_prefix(rest.starts_with("\r\n") ? 2 : std::min<std::size_t>(rest.size(), 1));
  return line;
}

Fields Fields::parse(std::string_view block) {
  Fields fields;
  block = block.substr(0, max_header_bytes);
  while (!block.empty() && fields.list_.size() < max_fields) {
    const auto line = take_line(block);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (text::trim(line).empty()) continue;
      if (fields.list_.empty()) break;
      fields.list_.back().value += ' ';
      fields.list_.back().value += text::trim(line);
      continue;
    }
    const auto length = field_name_length(line);
    if (length == 0) break;
    fields.add(std::string(text::trim(line.substr(0, length - 1))),
               std::string(text::trim(line.substr(length))));
  }
  return fields;
}

std::string_view Fields::get(std::string_view name) const {
  for (const auto& field : list_) {
    if (text::equals_ignore_case(field.name, name)) return field.value;
  }
  return {};
}

bool Fields::has(std::string_view name) const {
  return std::any_of(list_.begin(), list_.end(), [name](const Field& field) {
    return text::equals_ignore_case(field.name, name);
  });
}

std::vector<std::string_view> Fields::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& field : list_) {
    if (text::equals_ignore_case(field.name, name)) values.push_back(field.value);
  }
  return values;
}

bool starts_with_header(std::string_view octets) {
  for (int line_number = 0; line_number < 60 && !octets.empty(); ++line_number) {
    const auto line = take_line(octets);
    if (line.empty()) return false;
    if (line_number > 0 && (line.front() == ' ' || line.front() == '\t')) continue;
    const auto length = field_name_length(line);
    if (length == 0) return false;
    const auto name = text::ascii_lower(text::trim(line.substr(0, length - 1)));
    if (std::find(usual_names.begin(), usual_names.end(), name) != usual_names.end()) return true;
  }
  return false;
}

Halves split_header(std::string_view message) {
  auto rest = message;
  while (!rest.empty()) {
    const auto before = rest;
    if (take_line(rest).empty()) {
      return {message.substr(0, message.size() - before.size()), rest};
    }
  }
  return {message, {}};
}

std::vector<std::string> addresses_of(std::string_view value) {
  std::vector<std::string> addresses;
  const bool bracketed = value.find('<') != std::string_view::npos;
  std::size_t at = 0;
  while (addresses.size() < max_addresses) {
    const auto found = find_address(value, at);
    if (!found) break;
    at = found->end;
    // "a@example.com" <b@example.com>: the name is not the address.
    const bool in_brackets = found->begin < value.size() && value[found->begin] == '<';
    const bool before_brackets = value.substr(at, 300).find('<') < value.substr(at, 300).find(',');
    if (bracketed && !in_brackets && before_brackets) continue;
    addresses.emplace_back(found->address);
  }
  return addresses;
}

}  // namespace maildiag::bounce
