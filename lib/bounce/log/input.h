/// Lines of a log, plain or compressed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <maildiag/cancellation.h>

#include "bounce/log/archive.h"
#include "core/clock.h"
#include "core/result.h"

namespace maildiag::bounce::log {

/// Of a line; syslog writes 8 KiB at most, Exchange's rows with many recipients reach 50. What is
/// longer loses its end.
inline constexpr std::size_t max_line_bytes = 256UL << 10;

class Input {
 public:
  /// A path, or "-". no_input: not readable, or cancelled, as later in error(). bad_data:
  /// compressed and broken.
  static Result<Input> open(const std::string& path, const Cancellation& cancellation = {});
  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;
  ~Input();

  /// The next line without its end; nullopt at the end of the log, or where reading failed (then
  /// error() is set). Holds until the next call.
  std::optional<std::string_view> next_line();
  const std::optional<Error>& error() const { return error_; }
  /// Octets taken from the file since the last call, packed ones as such.
  std::size_t take_count();
  /// When the file was changed last; nullopt for standard input.
  std::optional<WallTime> changed() const;

 private:
  class File;
  explicit Input(std::unique_ptr<File> file);
  bool fill();
  std::optional<std::string_view> cut_line(std::size_t length, std::size_t taken);

  std::unique_ptr<File> file_;
  std::optional<Unpacker> unpacker_;
  std::optional<Error> error_;
  std::string buffer_;
  std::string long_line_;  // the beginning of one that does not fit
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool finished_ = false;
};

}  // namespace maildiag::bounce::log
