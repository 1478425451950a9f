/// Reads the logs of mail servers: each failed or deferred delivery becomes a DeliveryFailure.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <maildiag/cancellation.h>

#include "bounce/delivery_failure.h"
#include "core/clock.h"
#include "core/result.h"

namespace maildiag::bounce {

struct LogOptions {
  std::optional<WallTime> since;  ///< failures from then on
  std::optional<WallTime> until;  ///< failures before then
  /// Of the first line, for dates without a year (syslog). Unset: the youngest year that does not
  /// put a line after the file's last change.
  std::optional<int> year;
  /// Called now and then with the octets that were taken from the file since, packed ones as such.
  /// False: stop, as if the sink wanted no more.
  std::function<bool(std::size_t)> progress;
  /// Ends reading as the end of the file does, and without a word.
  Cancellation cancellation;
};

struct LogFailure {
  std::string name;         ///< for reports: "mail.log:4821:4fXyZ1abc", path, line, queue id
  std::string_view format;  ///< "postfix", "sendmail", "exim", "qmail", "opensmtpd", "exchange"
  std::string queue_id;     ///< empty: the line has none
  DeliveryFailure failure;  ///< delayed: deferred, will be tried again; failed: given up
};

/// Return false to stop.
using LogSink = std::function<bool(LogFailure)>;

/// Follows queue ids over lines and, where several files are read one after the other (rotated
/// ones, oldest first), over files. Memory is bounded whatever the files hold: a failure whose
/// beginning is too far back has no sender. Not thread-safe.
class LogReader {
 public:
  explicit LogReader(const LogOptions& options);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  /// `path`: a log, plain or compressed (gzip, xz, zstd, bzip2), or "-" for standard input. Every
  /// line is taken for what it looks like, so that one syslog may hold several mail servers.
  /// `problem`: no_input (not readable), bad_data (no line of a log that we know, broken
  /// compression). False: `sink` wants no more.
  bool read(const std::string& path, const LogSink& sink,
            const std::function<void(Error)>& problem);

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// A moment as `--since` and `--until` give it: RFC 3339, "2026-11-20", "2026-11-20 09:30" (local
/// time), or "45m", "1h", "2d", "1w" before `now`, with or without " ago". usage: none of these.
Result<WallTime> parse_log_moment(std::string_view text, WallTime now);

}  // namespace maildiag::bounce
