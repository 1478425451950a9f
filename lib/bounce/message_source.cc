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
#include <vector>

#include <fmt/format.h>

#include "bounce/from_line.h"
#include "bounce/reader.h"
#include "core/descriptor.h"

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

/// Lines with their ends; a line longer than the buffer comes in pieces.
class LineReader {
 public:
  LineReader(Descriptor descriptor, const Cancellation& cancellation)
      : descriptor_(std::move(descriptor)), cancellation_(cancellation) {}

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

  Descriptor descriptor_;
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

class Stream {
 public:
  Stream(Descriptor descriptor, std::string name, const Receiver& receiver)
      : lines_(std::move(descriptor), receiver.cancellation),
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
    if (const auto from = from_line(line); from != FromLine::none) {
      const std::string held(line);
      line = lines_.next();
      mbox_ = !line.empty() && (from == FromLine::exact || begins_header(line, from));
      if (mbox_) return run_mbox(line, from);
      front += held;
    }
    add(front);
    return run_single(line);
  }

 private:
  bool run_single(string_view block) {
    while (!block.empty()) {
      add(block);
      block = lines_.next_block();
    }
    return finish();
  }

  /// `line`: the first of the first mail, behind a From_ line of that kind.
  bool run_mbox(string_view line, FromLine first) {
    std::string held;  // a From_ line and what follows, until that tells whether it is one
    auto held_as = FromLine::none;
    int wanted = 0;  // lines of a header that are to follow
    std::size_t from_size = 0;
    bool line_start = true;
    bool after_empty = false;
    bool in_text = false;  // behind the header of the mail
    bool quoting = false;
    while (!line.empty()) {
      if (!held.empty() && wanted > 0 && !goes_on_header(line, held_as, held.size() > from_size)) {
        add(held);
        held.clear();
      } else if (!held.empty() && wanted > 1) {
        --wanted;
        held += unquote(line);
        line_start = line.ends_with('\n');
        line = lines_.next();
        continue;
      } else if (!held.empty()) {
        if (!deliver()) return false;
        add(string_view(held).substr(from_size));
        held.clear();
        in_text = false;
      }
      const auto from = line_start ? from_line(line) : FromLine::none;
      if (may_begin(from, first, after_empty, quoting)) {
        held = line;
        held_as = from;
        from_size = held.size();
        // RFC 4155 asks for no more, but not every writer leaves an empty line in front.
        wanted = (from == FromLine::exact ? 0 : 1) + (after_empty ? 0 : 1);
      } else {
        add(line_start ? unquote(line) : line);
      }
      after_empty = line_start && (line == "\n" || line == "\r\n");
      in_text = in_text || after_empty;
      quoting = in_text && first != FromLine::exact && introduces_quote(line);
      line_start = line.ends_with('\n');
      line = lines_.next();
    }
    add(held);
    return finish();
  }

  /// `quoting`: the line in front says that a quotation follows.
  static bool may_begin(FromLine from, FromLine first, bool after_empty, bool quoting) {
    if (from == FromLine::none || from == FromLine::exact) return from == FromLine::exact;
    // One program wrote all of them: who writes exact ones names one address.
    if (first == FromLine::exact) return from == FromLine::loose && after_empty;
    // Who writes looser ones may leave no line empty in front of them, but a bounce may quote one.
    return after_empty || !quoting;
  }

  /// `folded`: a field stands in front.
  static bool goes_on_header(string_view line, FromLine behind, bool folded) {
    return begins_header(line, behind) ||
           (folded && (line.starts_with(' ') || line.starts_with('\t')));
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
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    receiver.problem(
        make_error(ErrorCode::no_input, "cannot read {}: {}", path, std::strerror(errno)));
    return true;
  }
  return Stream(std::move(file), path, receiver).run();
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
    Stream(open_input(path), path, receiver).run();
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
