/// How targets take an input apart, and hand it to what reads files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace maildiag::fuzz {

/// The first octet as a choice among `count` ways, taken off the front; 0 where there is none.
inline std::size_t take_choice(std::string_view& octets, std::size_t count) {
  if (octets.empty()) return 0;
  // Letters, so that seeds can be written by hand: 'a' is the first way.
  const auto choice = static_cast<unsigned char>(octets.front() - 'a');
  octets.remove_prefix(1);
  return choice % count;
}

/// Takes a line off the front; nothing is left after the last.
inline std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

/// Nothing that moves a terminal's cursor or hides what follows: printable ASCII and UTF-8.
bool is_one_safe_line(std::string_view text);

/// A file in memory with a path, for parsers that open what they read.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace maildiag::fuzz
