#include "checks/dkim_message.h"

#include <algorithm>

#include "core/text.h"

namespace maildiag::checks::dkim {

namespace {

/// ftext 1*, WSP before the colon as in RFC 5322's obsolete syntax (section 4.5).
std::size_t find_colon(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::string_view::npos;
  const auto name = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
  const bool good = !name.empty() && std::all_of(name.begin(), name.end(),
                                                 [](char c) { return c > 0x20 && c < 0x7f; });
  return good ? colon : std::string_view::npos;
}

std::string_view take_line(std::string_view& rest) {
  const auto newline = rest.find('\n');
  auto line = rest.substr(0, newline);
  rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// "From : a@b" is a field, whose author every receiver sees.
bool is_mbox_line(std::string_view line) {
  return line.starts_with("From ") && find_colon(line) == std::string_view::npos;
}

}  // namespace

Result<Message> read_message(std::string_view octets) {
  if (octets.size() > max_message_octets)
    return fail_with(ErrorCode::bad_data, "the message is larger than {} MiB",
                     max_message_octets >> 20U);
  Message message;
  auto rest = octets;
  if (is_mbox_line(rest.substr(0, rest.find('\n')))) take_line(rest);
  for (;;) {
    const auto before = rest;
    if (octets.size() - rest.size() > max_header_octets ||
        message.fields.size() > max_header_fields)
      return fail_with(ErrorCode::bad_data,
                       "the header is larger than {} KiB or has more than {} fields",
                       max_header_octets >> 10U, max_header_fields);
    if (rest.empty()) break;
    const auto line = take_line(rest);
    if (line.empty()) break;
    if ((line.front() == ' ' || line.front() == '\t') && !message.fields.empty()) {
      message.fields.back().raw.append("\r\n").append(line);
      continue;
    }
    const auto colon = find_colon(line);
    if (colon == std::string_view::npos) {  // the empty line is missing
      rest = before;
      break;
    }
    const auto name = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    message.fields.push_back({text::ascii_lower(name), std::string(line), colon});
  }
  if (message.fields.empty())
    return fail_with(ErrorCode::bad_data, "this is no message: it does not begin with a header");
  message.body = rest;
  return message;
}

}  // namespace maildiag::checks::dkim
