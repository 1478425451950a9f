/// A message as DKIM sees it: header fields as they stand, and a body of lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace maildiag::checks::dkim {

/// The same bounds as for bounces (bounce/reader.h); a larger message passes no server.
inline constexpr std::size_t max_message_octets = 64UL << 20;
inline constexpr std::size_t max_header_octets = 256UL << 10;
inline constexpr std::size_t max_header_fields = 2000;

struct HeaderField {
  std::string name;  ///< lower case, without white space
  std::string raw;   ///< the whole field, folded lines ended by CRLF, without the last one
  std::size_t colon = 0;
  std::string_view value() const { return std::string_view(raw).substr(colon + 1); }
  void set_value(std::string_view value) { raw.replace(colon + 1, std::string::npos, value); }
};

/// Line ends: LF counts as CRLF, because files on Unix hold messages so.
struct Message {
  std::vector<HeaderField> fields;
  std::string_view body;  ///< as it stands; lives as long as the octets that were read
};

/// bad_data: no header field at all, or one of the bounds. An mbox "From " line in front is
/// skipped.
Result<Message> read_message(std::string_view octets);

/// Calls `sink` with each line of a text, without its end (CRLF or LF).
template <class Sink>
void for_each_line(std::string_view text, Sink sink) {
  while (!text.empty()) {
    const auto newline = text.find('\n');
    auto line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (newline != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    sink(line);
  }
}

}  // namespace maildiag::checks::dkim
