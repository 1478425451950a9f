/// The parts of a log's line that all programs share: when, where, who.
#pragma once

#include <cstddef>
#include <string_view>

namespace maildiag::bounce::log {

enum class StampForm {
  none,
  syslog,  ///< "Nov 21 09:30:01" (RFC 3164), local time, no year; maybe with a fraction
  iso,     ///< "2026-11-21T09:30:01.123+09:00", "2026-11-21 09:30:01.123 +0900"; local without a
           ///< zone
  tai64n,  ///< "@400000006920..." of multilog
};

struct Stamp {
  StampForm form = StampForm::none;
  std::string_view text;
};

struct LogLine {
  Stamp stamp;
  std::string_view host;     ///< empty where the program writes its log itself
  std::string_view program;  ///< "postfix/smtp", "sm-mta"; empty likewise
  std::string_view text;     ///< what the program said
};

/// Takes a time off the front of `text`, with the blank behind it.
Stamp take_stamp(std::string_view& text);

/// "4fXyZ1abc: " off the front: letters and digits, no fewer than `shortest` and no more than
/// `longest`; empty, with nothing taken: there is none. "NOQUEUE: " is taken and is no queue id.
std::string_view take_queue_id(std::string_view& text, std::size_t shortest, std::size_t longest);

/// Syslog (RFC 3164 with or without priority or FreeBSD's "<mail.info>", RFC 5424, journalctl's
/// short, short-precise and short-iso), the same behind the time of a container's runtime, or a
/// program's own log; a line without a time is all text.
LogLine split_line(std::string_view line);

}  // namespace maildiag::bounce::log
