#include "session/reply_lines.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/descriptor.h"

namespace maildiag::session {

namespace {

constexpr std::size_t read_bytes = 128UL << 10;

/// Collects lines out of blocks; of a long one only the beginning.
class LineCollector {
 public:
  LineCollector(const LineSink& sink, std::size_t limit) : sink_(sink), limit_(limit) {}

  bool take(std::string_view block) {
    while (!block.empty()) {
      const auto end = block.find('\n');
      if (end == std::string_view::npos) {
        keep(block);
        return true;
      }
      const auto part = block.substr(0, end);
      block.remove_prefix(end + 1);
      if (bytes_ == 0) {  // whole in this block: no copy
        bytes_ = part.size();
        if (!deliver(part.substr(0, limit_), 1)) return false;
      } else {
        keep(part);
        if (!deliver(line_, 1)) return false;
      }
    }
    return true;
  }

  bool finish() { return bytes_ == 0 || deliver(line_, 0); }

 private:
  void keep(std::string_view part) {
    bytes_ += part.size();
    if (line_.size() < limit_) line_ += part.substr(0, limit_ - line_.size());
  }

  /// `end`: octets of the LF; the last line of a file may have none.
  bool deliver(std::string_view line, std::size_t end) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool go_on = sink_(line, bytes_ + end, ++number_);
    line_.clear();
    bytes_ = 0;
    return go_on;
  }

  const LineSink& sink_;
  std::size_t limit_;
  std::string line_;
  std::size_t bytes_ = 0, number_ = 0;
};

}  // namespace

ReplyLine parse_reply_line(std::string_view line) {
  ReplyLine result;
  const auto tab = line.find('\t');
  result.text = line.substr(0, tab);
  if (tab == std::string_view::npos) return result;
  line.remove_prefix(tab + 1);
  const auto second = line.find('\t');
  const auto ip = line.substr(0, second);
  result.ip = IpAddress::parse(ip);
  result.bad_ip = !ip.empty() && !result.ip;
  if (second == std::string_view::npos) return result;
  line.remove_prefix(second + 1);
  result.sender = line.substr(0, line.find('\t'));
  return result;
}

Result<void> for_each_line(const std::string& path, const LineSink& sink, std::size_t limit,
                           const Cancellation& cancellation) {
  const auto file = open_input(path);
  const auto unreadable = [&path] {
    return fail_with(ErrorCode::no_input, "cannot read {}: {}", path, std::strerror(errno));
  };
  if (!file.is_open()) return unreadable();
  std::vector<char> buffer(read_bytes);
  LineCollector lines(sink, limit);
  for (;;) {
    // What is there now, so that a line that just came through a pipe is not kept waiting.
    const auto count = read_some(file, buffer.data(), buffer.size(), cancellation);
    if (count < 0 && errno == ECANCELED) return {};
    if (count < 0) return unreadable();
    if (count == 0) break;
    if (!lines.take({buffer.data(), static_cast<std::size_t>(count)})) return {};
  }
  lines.finish();
  return {};
}

}  // namespace maildiag::session
