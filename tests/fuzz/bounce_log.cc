// Logs of mail servers, plain and compressed, in one file or two that follow each other.
#include "bounce/log/line.h"
#include "bounce/log/reader.h"
#include "bounce/reader.h"
#include "core/text.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

namespace {

constexpr WallTime fixed_now{std::chrono::seconds(1795000000)};  // November 2026

void check_line(std::string_view line) {
  const auto parts = bounce::log::split_line(line);
  for (const auto part : {parts.stamp.text, parts.host, parts.program, parts.text})
    require(part.empty() || (part.data() >= line.data() &&
                             part.data() + part.size() <= line.data() + line.size()),
            "a part of a line stands in it");
}

}  // namespace

// The first octet: 'a' one file; 'b' one file, and the year is known; 'c' two, cut at the first
// form feed; 'd' a moment as --since takes it.
void bounce_log(std::string_view octets) {
  const auto way = take_choice(octets, 4);
  if (way == 3) return static_cast<void>(bounce::parse_log_moment(octets, fixed_now));
  const auto cut = way == 2 ? octets.find('\f') : std::string_view::npos;
  const auto second = cut == std::string_view::npos ? std::string_view() : octets.substr(cut + 1);
  bounce::LogOptions options;
  if (way == 1) options.year = 2026;
  bounce::LogReader reader(options);
  std::size_t failures = 0;
  const auto sink = [&](const bounce::LogFailure& found) {
    require(found.failure.reply.text.size() <= bounce::max_reply_bytes, "a reply is bounded");
    // U+FFFD takes three octets, what it stands for may have been one.
    require(found.failure.recipient.size() <= 3 * octets.size(), "a recipient stands in the log");
    require(!found.format.empty(), "a failure is of a program");
    return ++failures < bounce::max_failures;
  };
  const auto problem = [](const Error& error) {
    require(!error.message.empty(), "a problem has a name");
  };
  for (const auto part : {octets.substr(0, cut), second}) {
    if (part.empty()) continue;
    const MemoryFile file(part);
    reader.read(file.path(), sink, problem);
  }
  for (auto rest = octets; !rest.empty();) check_line(take_line(rest));
}

}  // namespace maildiag::fuzz
