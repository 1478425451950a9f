// Finds messages in files, directories and standard input, one in memory at a time.

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "bounce/fields.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "core/read.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;
using Sink = std::function<bool(Message)>;
using Problem = std::function<void(Error)>;

constexpr std::size_t read_bytes = 64UL << 10;
/// Empty lines in front of an mbox; a file of nothing else is none.
constexpr std::size_t max_front = 1024;
/// Directories inside directories; a deeper tree is no mail store.
constexpr int max_directory_depth = 16;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ > STDIN_FILENO) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool ok() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Lines with their ends; a line longer than the buffer comes in pieces.
class LineReader {
 public:
  LineReader(int descriptor, const Cancellation& cancellation)
      : descriptor_(descriptor), cancellation_(cancellation) {}

  /// Empty at the end, or after an error (then error() is not 0). The view holds until the next
  /// call.
  string_view next() {
    for (;;) {
      const string_view pending(buffer_.get() + begin_, end_ - begin_);
      const auto newline = pending.find('\n');
      if (newline != string_view::npos || finished_ || pending.size() == read_bytes) {
        const auto length = newline == string_view::npos ? pending.size() : newline + 1;
        begin_ += length;
        return pending.substr(0, length);
      }
      fill();
    }
  }
  /// All that is read already, lines or not; otherwise as next().
  string_view next_block() {
    if (begin_ == end_ && !finished_) fill();
    const string_view pending(buffer_.get() + begin_, end_ - begin_);
    begin_ = end_;
    return pending;
  }
  int error() const { return error_; }

 private:
  void fill() {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    const auto count =
        read_some(descriptor_, buffer_.get() + end_, read_bytes - end_, cancellation_);
    if (count < 0) error_ = errno;
    if (count <= 0) finished_ = true;
    if (count > 0) end_ += static_cast<std::size_t>(count);
  }

  int descriptor_;
  const Cancellation& cancellation_;
  /// Not filled with zeros: most messages take a small part of it.
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(read_bytes);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool finished_ = false;
  int error_ = 0;
};

/// Where messages go, and what ends that.
struct Receiver {
  const Sink& sink;
  const Problem& problem;
  const Cancellation& cancellation;
};

/// One of `names`, which are three letters each.
bool is_one_of(string_view word, string_view names) {
  const auto at = word.size() == 3 ? names.find(word) : string_view::npos;
  return at != string_view::npos && at % 3 == 0;
}

/// "09:30:00" or "09:30"
bool is_clock(string_view word) {
  const bool shape = (word.size() == 5 || word.size() == 8) && word[2] == ':' &&
                     (word.size() == 5 || word[5] == ':');
  return shape && is_digit(word[0]) && is_digit(word[1]) && is_digit(word[3]) && is_digit(word[4]);
}

bool is_year(string_view word) {
  return word.size() == 4 && std::all_of(word.begin(), word.end(), is_digit);
}

/// "From sender Sat Nov 21 09:30:00 2026" (RFC 4155 appendix A); a zone may stand on either side of
/// the year. A body's line that begins with "From " goes on otherwise, "From : sender" is a header
/// field.
bool is_from_line(string_view line) {
  if (!line.starts_with("From ") || line.size() < 20 || line.size() > 500) return false;
  if (field_name_length(line) > 0) return false;
  const auto plain = text::collapse_spaces(text::trim(line));
  const auto words = text::split(plain, ' ');
  for (std::size_t at = 1; at + 4 < words.size(); ++at) {
    if (is_one_of(words[at], "MonTueWedThuFriSatSun") &&
        is_one_of(words[at + 1], "JanFebMarAprMayJunJulAugSepOctNovDec") &&
        words[at + 2].size() <= 2 && is_digit(words[at + 2].front()) && is_clock(words[at + 3]))
      return words.size() - at <= 6 && (is_year(words[at + 4]) || is_year(words.back()));
  }
  return false;
}

class Stream {
 public:
  Stream(int descriptor, std::string name, const Receiver& receiver)
      : lines_(descriptor, receiver.cancellation),
        name_(std::move(name)),
        sink_(receiver.sink),
        problem_(receiver.problem) {}

  /// False: the sink wants no more, or the call was cancelled.
  bool run() {
    auto line = lines_.next();
    std::string front;  // what an editor left before the first "From "
    if (line.starts_with("\xEF\xBB\xBF")) {
      front = line.substr(0, 3);
      line.remove_prefix(3);
    }
    while ((line == "\n" || line == "\r\n") && front.size() < max_front) {
      front += line;
      line = lines_.next();
    }
    mbox_ = is_from_line(line);
    if (!mbox_) {
      add(front);
      return run_single(line);
    }
    line = lines_.next();
    bool line_start = true;
    while (!line.empty()) {
      // Not every writer leaves an empty line in front, as RFC 4155 asks for.
      if (line_start && is_from_line(line)) {
        if (!deliver()) return false;
      } else {
        add(line_start ? unquote(line) : line);
      }
      line_start = line.ends_with('\n');
      line = lines_.next();
    }
    return finish();
  }

 private:
  bool run_single(string_view block) {
    while (!block.empty()) {
      add(block);
      block = lines_.next_block();
    }
    return finish();
  }

  bool finish() {
    if (lines_.error() == 0) return deliver();
    if (lines_.error() == ECANCELED) return false;
    problem_(make_error(ErrorCode::no_input, "cannot read {}: {}", name_,
                        std::strerror(lines_.error())));
    return true;
  }

  /// ">From " was "From " before it went into the mbox (mboxrd: one mark less).
  static string_view unquote(string_view line) {
    const auto marks = line.find_first_not_of('>');
    const bool quoted =
        marks != string_view::npos && marks > 0 && line.substr(marks).starts_with("From ");
    return quoted ? line.substr(1) : line;
  }

  void add(string_view line) {
    size_ += line.size();
    // Above the bound nothing more is kept: the message is not read.
    if (size_ <= max_message_bytes) octets_ += line;
  }

  bool deliver() {
    ++number_;
    const auto name = mbox_ ? fmt::format("{}:{}", name_, number_) : name_;
    const bool too_large = size_ > max_message_bytes;
    std::string octets;
    octets.swap(octets_);
    size_ = 0;
    if (!too_large) return sink_(Message{name, std::move(octets)});
    problem_(make_error(ErrorCode::bad_data, "{} is larger than {} MiB; not read", name,
                        max_message_bytes >> 20U));
    return true;
  }

  LineReader lines_;
  std::string name_;
  const Sink& sink_;
  const Problem& problem_;
  std::string octets_;
  std::size_t size_ = 0;
  std::size_t number_ = 0;
  bool mbox_ = false;
};

bool read_file(const std::string& path, const Receiver& receiver) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) {
    receiver.problem(
        make_error(ErrorCode::no_input, "cannot read {}: {}", path, std::strerror(errno)));
    return true;
  }
  return Stream(file.descriptor(), path, receiver).run();
}

enum class EntryType { file, directory, other };

std::optional<EntryType> type_of(const std::string& path, bool follow) {
  struct stat info {};
  if ((follow ? stat(path.c_str(), &info) : lstat(path.c_str(), &info)) != 0) return {};
  if (S_ISDIR(info.st_mode)) return EntryType::directory;
  return S_ISREG(info.st_mode) ? EntryType::file : EntryType::other;
}

class Directory {
 public:
  explicit Directory(const Receiver& receiver) : receiver_(receiver), problem_(receiver.problem) {}

  bool run(const std::string& path) {
    const bool goes_on = walk(path, 0);
    if (goes_on && files_ == 0 && !failed_) {
      problem_(make_error(ErrorCode::bad_data, "{} is a directory without mail", path));
    }
    return goes_on;
  }

 private:
  bool walk(const std::string& path, int depth) {
    const auto names = list(path);
    if (!names) return true;
    const auto has = [&](const char* name) {
      return std::binary_search(names->begin(), names->end(), name);
    };
    // A Maildir: tmp holds what is not delivered yet (maildir(5)).
    if (has("cur") && has("new"))
      return walk(path + "/cur", depth + 1) && walk(path + "/new", depth + 1);
    for (const auto& name : *names) {
      const auto entry = path + "/" + name;
      auto type = type_of(entry, false);
      // A link to a file is followed, one to a directory might lead in a circle.
      if (type == EntryType::other && type_of(entry, true) != EntryType::directory)
        type = type_of(entry, true);
      if (!type) {
        failed_ = true;
        problem_(
            make_error(ErrorCode::no_input, "cannot read {}: {}", entry, std::strerror(errno)));
        continue;
      }
      if (*type == EntryType::directory && depth < max_directory_depth && !walk(entry, depth + 1))
        return false;
      if (*type != EntryType::file) continue;
      ++files_;
      if (!read_file(entry, receiver_)) return false;
    }
    return true;
  }

  /// Sorted, without hidden entries.
  std::optional<std::vector<std::string>> list(const std::string& path) {
    struct Close {
      void operator()(DIR* directory) const { closedir(directory); }
    };
    const std::unique_ptr<DIR, Close> directory(opendir(path.c_str()));
    if (!directory) {
      failed_ = true;
      problem_(make_error(ErrorCode::no_input, "cannot read {}: {}", path, std::strerror(errno)));
      return {};
    }
    std::vector<std::string> names;
    while (const auto* entry = readdir(directory.get())) {
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  const Receiver& receiver_;
  const Problem& problem_;
  std::size_t files_ = 0;
  bool failed_ = false;
};

}  // namespace

void for_each_message(const std::string& path, const Sink& sink, const Problem& problem,
                      const Cancellation& cancellation) {
  const Receiver receiver{sink, problem, cancellation};
  if (path == "-") {
    Stream(STDIN_FILENO, path, receiver).run();
    return;
  }
  auto plain = path;
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  if (type_of(plain, true) == EntryType::directory) {
    Directory(receiver).run(plain);
  } else {
    read_file(path, receiver);
  }
}

}  // namespace maildiag::bounce
