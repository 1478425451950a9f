/// Replies, one a line: what other programs pipe through explain.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <maildiag/cancellation.h>
#include <maildiag/error.h>

#include "core/ip_address.h"
#include "core/result.h"

namespace maildiag::session {

/// More of a line is dropped: a reply is read up to 8 KiB, and the columns behind it are short.
inline constexpr std::size_t max_line_bytes = 16UL << 10;

/// "text" or "text<TAB>ip<TAB>sender"; empty columns say nothing.
struct ReplyLine {
  std::string_view text;
  std::optional<IpAddress> ip;
  std::string_view sender;
  bool bad_ip = false;  ///< the second column is no address
};
ReplyLine parse_reply_line(std::string_view line);

using LineSink = std::function<bool(std::string_view line, std::size_t bytes, std::size_t number)>;

/// Calls `sink` with each line without its end (LF or CRLF), the number of octets that it took, and
/// its number from 1; `sink` returns false to stop. no_input: the file cannot be read.
/// Of a line above `limit` only the beginning comes. A cancellation ends it without a word.
Result<void> for_each_line(const std::string& path, const LineSink& sink,
                           std::size_t limit = max_line_bytes,
                           const Cancellation& cancellation = {});

}  // namespace maildiag::session
