/// A message's structure as values; GMime stays behind this header.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bounce/fields.h"
#include "core/result.h"

namespace maildiag::bounce {

struct Part {
  std::string type;  ///< "text/plain", lower case
  int depth = 0;
  std::string decoded;  ///< transfer encoding undone; text/* also as UTF-8
  std::string_view
      encoded;  ///< message/* and headers without transfer encoding: a view of the message's octets

  std::string_view content() const { return decoded.empty() ? encoded : std::string_view(decoded); }
};

struct Mail {
  Fields header;
  std::string type;         ///< of the whole message
  std::string report_type;  ///< of multipart/report (RFC 6522), lower case
  std::vector<Part> parts;  ///< leaves and message/* in reading order; attachments without content
  bool cut_off = false;     ///< no body, or no closing boundary (RFC 2046 section 5.1.1)
  bool open_line = false;   ///< the last line has no end: perhaps cut off, perhaps only pasted
};

/// What a bounce's text needs at most; the rest of a part is cut off.
inline constexpr std::size_t max_text_bytes = 1UL << 20;

/// Of all parts of a mail: the words for people in several forms and languages, and the report.
inline constexpr std::size_t max_all_text_bytes = 4UL << 20;

/// The views in the result point into `octets`. bad_data: a bound of reader.h is passed.
Result<Mail> parse_mail(std::string_view octets);

/// The bounds that must hold before GMime sees the octets: its cost in memory grows with parts and
/// fields. Linear, without allocation that grows with the input. Returns where the names of fields
/// stand that it must not see, in order: addresses that it would read in quadratic time, and by
/// recursion.
Result<std::vector<std::size_t>> check_bounds(std::string_view octets);

/// True for the part types that hold a message or its header.
bool is_message_type(std::string_view type);
bool is_headers_type(std::string_view type);

}  // namespace maildiag::bounce
