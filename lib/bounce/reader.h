/// Reads one message, and finds messages in files.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <maildiag/cancellation.h>

#include "bounce/delivery_failure.h"
#include "core/result.h"

namespace maildiag::bounce {

/// Bounds beside the parser: what real bounces never reach and a hostile one must not pass.
inline constexpr std::size_t max_message_bytes = 64UL << 20;
inline constexpr std::size_t max_header_bytes = 256UL << 10;
/// Of all parts together: GMime makes some hundred octets of a field of three.
inline constexpr std::size_t max_all_header_bytes = 512UL << 10;
inline constexpr int max_mime_depth = 16;
inline constexpr int max_mime_parts = 256;
inline constexpr std::size_t max_reply_bytes = 8UL << 10;
inline constexpr std::size_t max_failures = 1000;

/// A message (RFC 5322 with MIME), a plain-text bounce, or bare reply lines.
/// bad_data: nothing in it is a bounce (says what it looks like), too large, too deep.
Result<Bounce> read_bounce(std::string_view octets);
/// One reply line or multi-line reply, as by `--reply`.
Bounce read_reply(std::string_view text);

struct Message {
  std::string name;  ///< for reports: the path, "path:3" for the third mail of an mbox, "-"
  std::string octets;
};
/// Calls `sink` with each message of a file (one mail, mbox), a Maildir or a directory of mails, or
/// "-" (standard input), in a stable order, one in memory at a time. `sink` returns false to stop.
/// `problem` receives what could not be read (no_input, bad_data); the others are still delivered.
/// A cancellation ends it without a word; a message that was not read to its end is not delivered.
void for_each_message(const std::string& path, const std::function<bool(Message)>& sink,
                      const std::function<void(Error)>& problem,
                      const Cancellation& cancellation = {});

}  // namespace maildiag::bounce
