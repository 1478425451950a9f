// What mails, replies and logs are read from: files and pipes, in whatever pieces they come.
#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bounce/log/input.h"
#include "bounce/reader.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "session/reply_lines.h"

namespace maildiag::fuzz {

namespace {

/// A pipe with a path whose reader gets the pieces one by one: in packet mode (pipe(2), O_DIRECT)
/// each read(2) ends where a write(2) did.
class PiecesPipe {
 public:
  /// `singles`: octets at the front that stand alone, for a reader that looks at one after the
  /// other: what a read(2) has no room for is lost.
  PiecesPipe(std::string_view content, std::size_t piece, std::size_t singles = 0) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_DIRECT | O_NONBLOCK) != 0)
      throw std::runtime_error("no pipe");
    reader_ = ends[0];
    while (!content.empty()) {
      const auto size = std::min(singles > 0 ? 1 : piece, content.size());
      const auto written = ::write(ends[1], content.data(), size);
      if (written <= 0) break;  // full
      content.remove_prefix(static_cast<std::size_t>(written));
      if (singles > 0) --singles;
    }
    ::close(ends[1]);
    rest_ = content.size();
  }
  ~PiecesPipe() { ::close(reader_); }
  PiecesPipe(const PiecesPipe&) = delete;
  PiecesPipe& operator=(const PiecesPipe&) = delete;
  std::string path() const { return fmt::format("/proc/self/fd/{}", reader_); }
  /// Octets that found no room.
  std::size_t rest() const { return rest_; }

 private:
  int reader_ = -1;
  std::size_t rest_ = 0;
};

/// Octets that tell the compression of a log, each read by itself.
constexpr std::size_t log_singles = 6;
/// A pipe has room for 16 pieces from the start.
constexpr std::size_t most_pieces = 16 - log_singles;

std::size_t piece_of(std::string_view octets) {
  const std::size_t wanted = octets.empty() ? 1 : 1 + static_cast<unsigned char>(octets.back());
  return std::max(wanted, octets.size() / most_pieces + 1);
}

using Mails = std::vector<std::string>;

Mails mails_of(const std::string& path) {
  Mails mails;
  bounce::for_each_message(
      path,
      [&](bounce::Message message) {
        const bool numbered = message.name == fmt::format("{}:{}", path, mails.size() + 1);
        require(numbered || (mails.empty() && message.name == path), "a mail has its number");
        mails.push_back(std::move(message.octets));
        return true;
      },
      [](const Error&) { require(false, "what is there is read"); });
  return mails;
}

bool is_quoted_from(std::string_view line) {
  const auto marks = line.find_first_not_of('>');
  return marks != std::string_view::npos && line.substr(marks).starts_with("From ");
}

std::string_view take_line_with_end(std::string_view& rest) {
  const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
  rest.remove_prefix(line.size());
  return line;
}

/// From_ lines and mails put together are the file again, but for a mark in front of "From ", and
/// for a byte order mark and empty lines in front of all.
void check_mbox(std::string_view file, const Mails& mails) {
  if (file.starts_with("\xEF\xBB\xBF")) file.remove_prefix(3);
  while (file.starts_with('\n') || file.starts_with("\r\n"))
    file.remove_prefix(file.front() == '\n' ? 1 : 2);
  for (const auto& mail : mails) {
    require(!file.empty(), "there are no more mails than From_ lines");
    require(take_line_with_end(file).starts_with("From "), "a mail stands behind its From_ line");
    for (std::string_view rest = mail; !rest.empty();) {
      const auto line = take_line_with_end(rest);
      require(!file.empty(), "a mail holds no more than the file");
      auto original = take_line_with_end(file);
      if (original.starts_with('>') && is_quoted_from(original)) original.remove_prefix(1);
      require(line == original, "a mail's line is the file's");
    }
  }
  require(file.empty(), "nothing of the file is lost");
}

void mbox(std::string_view octets) {
  const MemoryFile file(octets);
  const auto whole = mails_of(file.path());
  require(!whole.empty(), "a file has a mail, if an empty one");
  if (whole.size() > 1 || whole.front().size() < octets.size())
    check_mbox(octets, whole);
  else
    require(whole.front() == octets, "one mail is the file");
  const PiecesPipe pipe(octets, piece_of(octets));
  if (pipe.rest() == 0)
    require(mails_of(pipe.path()) == whole, "mails do not depend on the pieces that were read");
}

struct Lines {
  std::vector<std::string> texts;
  std::size_t octets = 0;
  friend bool operator==(const Lines&, const Lines&) = default;
};

Lines reply_lines_of(const std::string& path, std::size_t limit) {
  Lines lines;
  const auto read = session::for_each_line(
      path,
      [&](std::string_view line, std::size_t bytes, std::size_t number) {
        require(line.size() <= limit, "a line is no longer than the limit");
        lines.texts.emplace_back(line);
        lines.octets += bytes;
        require(number == lines.texts.size(), "lines are counted");
        return true;
      },
      limit);
  require(read.has_value(), "what is there is read");
  return lines;
}

void reply_lines(std::string_view octets) {
  const MemoryFile file(octets);
  const auto whole = reply_lines_of(file.path(), session::max_line_bytes);
  require(whole.octets == octets.size(), "the octets of all lines are those of the file");
  auto rest = octets;
  for (const auto& line : whole.texts) {
    require(!rest.empty(), "there are no more lines than in the file");
    auto original = take_line(rest);
    if (original.ends_with('\r')) original.remove_suffix(1);
    require(line == original.substr(0, session::max_line_bytes), "a line is the file's");
    const auto columns = session::parse_reply_line(line);
    require(columns.text == line.substr(0, line.find('\t')), "the reply is the first column");
    require(!columns.bad_ip || !columns.ip, "an address is good or bad");
    require(columns.sender.find('\t') == std::string_view::npos, "a sender is one column");
  }
  require(rest.empty(), "no line is lost");
  const PiecesPipe pipe(octets, piece_of(octets));
  const std::size_t limit = 1 + octets.size() % 64;
  const auto cut = reply_lines_of(file.path(), limit);
  require(cut.texts.size() == whole.texts.size() && cut.octets == whole.octets,
          "a limit changes neither lines nor octets");
  if (pipe.rest() == 0)
    require(reply_lines_of(pipe.path(), limit) == cut, "lines do not depend on the pieces");
}

struct LogLines {
  std::vector<std::string> texts;
  bool broken = false;
  friend bool operator==(const LogLines&, const LogLines&) = default;
};

LogLines log_lines_of(const std::string& path, std::size_t size) {
  LogLines lines;
  auto input = bounce::log::Input::open(path);
  if (!input) {
    require(input.error().code == ErrorCode::bad_data, "what is there is read");
    lines.broken = true;
    return lines;
  }
  // Of a bomb of zeros a line is one piece; a few suffice here.
  constexpr std::size_t enough = 10000;
  std::size_t taken = 0;
  while (lines.texts.size() < enough) {
    const auto line = input->next_line();
    if (!line) break;
    require(line->size() <= bounce::log::max_line_bytes, "a line is no longer than the limit");
    require(line->find('\n') == std::string_view::npos, "a line is one");
    lines.texts.emplace_back(line->substr(0, 1024));
    taken += input->take_count();
    require(taken <= size, "no more is counted than the file has");
  }
  lines.broken = input->error().has_value();
  return lines;
}

/// Plain or compressed.
void log_lines(std::string_view octets) {
  const MemoryFile file(octets);
  const auto whole = log_lines_of(file.path(), octets.size());
  if (!bounce::log::is_compressed(octets)) {
    require(!whole.broken, "what is not compressed is read");
    auto rest = octets;
    for (const auto& line : whole.texts) {
      require(!rest.empty(), "there are no more lines than in the file");
      const auto original = take_line(rest);
      require(original.size() > 1024 || original.find(line) != std::string_view::npos,
              "a line is the file's");
    }
  }
  const PiecesPipe pipe(octets, piece_of(octets), log_singles);
  if (pipe.rest() == 0)
    require(log_lines_of(pipe.path(), octets.size()) == whole, "lines do not depend on the pieces");
}

}  // namespace

// The first octet: 'a' a mail or an mbox, 'b' replies, one a line, 'c' a log, plain or compressed.
// The last octet says how large the pieces are in which a pipe gives it.
void mail_sources(std::string_view octets) {
  switch (take_choice(octets, 3)) {
    case 0:
      return mbox(octets);
    case 1:
      return reply_lines(octets);
    default:
      return log_lines(octets);
  }
}

}  // namespace maildiag::fuzz
