#include "bounce/log/input.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sys/stat.h>
#include <utility>

#include "core/descriptor.h"

namespace maildiag::bounce::log {

/// A file whose first octets were looked at.
class Input::File {
 public:
  File(Descriptor descriptor, Cancellation cancellation)
      : descriptor_(std::move(descriptor)), cancellation_(std::move(cancellation)) {}

  bool is_open() const { return descriptor_.is_open(); }
  struct stat info() const {
    struct stat info {};
    fstat(descriptor_.number(), &info);
    return info;
  }
  int failure() const { return failure_; }
  std::size_t take_count() { return std::exchange(count_, 0); }

  /// The octets that are read first, as many as tell the compression.
  std::string_view peek() {
    while (peeked_.size() < 6) {
      char octet = 0;
      if (read_descriptor(&octet, 1) != 1) break;
      peeked_ += octet;
    }
    return peeked_;
  }

  /// 0: the end, or a failure.
  std::size_t read(char* buffer, std::size_t size) {
    if (peeked_.empty()) return read_descriptor(buffer, size);
    const auto count = peeked_.copy(buffer, size);
    peeked_.erase(0, count);
    return count;
  }

 private:
  std::size_t read_descriptor(char* buffer, std::size_t size) {
    const auto count = read_some(descriptor_, buffer, size, cancellation_);
    if (count < 0) failure_ = errno;
    if (count > 0) count_ += static_cast<std::size_t>(count);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  Descriptor descriptor_;
  Cancellation cancellation_;
  int failure_ = 0;
  std::size_t count_ = 0;
  std::string peeked_;
};

Input::Input(std::unique_ptr<File> file) : file_(std::move(file)), buffer_(max_line_bytes, '\0') {}
Input::Input(Input&&) noexcept = default;
Input& Input::operator=(Input&&) noexcept = default;
Input::~Input() = default;

Result<Input> Input::open(const std::string& path, const Cancellation& cancellation) {
  auto file = std::make_unique<File>(open_input(path), cancellation);
  if (!file->is_open()) return fail(ErrorCode::no_input, std::strerror(errno));
  if (S_ISDIR(file->info().st_mode))
    return fail_with(ErrorCode::no_input, "is a directory; name the log files");
  Input input(std::move(file));
  auto* source = input.file_.get();
  const auto start = source->peek();
  if (source->failure() != 0) return fail(ErrorCode::no_input, std::strerror(source->failure()));
  if (is_compressed(start)) {
    auto unpacker = Unpacker::open(
        [source](char* buffer, std::size_t size) { return source->read(buffer, size); });
    if (!unpacker) return tl::unexpected(unpacker.error());
    input.unpacker_ = std::move(*unpacker);
  }
  return input;
}

std::optional<WallTime> Input::changed() const {
  const auto info = file_->info();
  if (!S_ISREG(info.st_mode)) return {};
  return std::chrono::system_clock::from_time_t(info.st_mtime);
}

std::size_t Input::take_count() {
  return file_->take_count();
}

bool Input::fill() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= begin_;
  begin_ = 0;
  auto* const free = buffer_.data() + end_;
  const auto room = buffer_.size() - end_;
  std::size_t count = 0;
  if (unpacker_) {
    const auto got = unpacker_->read(free, room);
    if (!got) error_ = got.error();
    count = got.value_or(0);
  } else {
    count = file_->read(free, room);
  }
  if (file_->failure() != 0) error_ = Error{ErrorCode::no_input, std::strerror(file_->failure())};
  finished_ = count == 0;
  end_ += count;
  return count > 0;
}

std::optional<std::string_view> Input::cut_line(std::size_t length, std::size_t taken) {
  std::string_view line(buffer_.data() + begin_, length);
  begin_ += taken;
  if (line.ends_with('\r')) line.remove_suffix(1);
  // A crash leaves blocks of NULs in front of the next line.
  line.remove_prefix(std::min(line.find_first_not_of('\0'), line.size()));
  return line;
}

std::optional<std::string_view> Input::next_line() {
  std::size_t searched = 0;
  for (;;) {
    const auto pending = end_ - begin_;
    const void* newline = std::memchr(buffer_.data() + begin_ + searched, '\n', pending - searched);
    if (newline != nullptr) {
      const auto length =
          static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) - begin_;
      return cut_line(length, length + 1);
    }
    if (pending == buffer_.size()) break;
    searched = pending;
    if (finished_ || !fill()) {
      // What came of a line before the cancellation is not the line.
      if (pending == 0 || file_->failure() == ECANCELED) return {};
      return cut_line(pending, pending);
    }
  }
  // Longer than the buffer: what follows is thrown away, and the beginning kept aside.
  long_line_ = buffer_;
  for (;;) {
    begin_ = end_ = 0;
    if (!fill()) break;
    const void* newline = std::memchr(buffer_.data(), '\n', end_);
    if (newline == nullptr) continue;
    begin_ = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) + 1;
    break;
  }
  return std::string_view(long_line_);
}

}  // namespace maildiag::bounce::log
