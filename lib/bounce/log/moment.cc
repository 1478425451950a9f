// The moments of --since and --until.

#include <charconv>
#include <chrono>

#include "bounce/log/line.h"
#include "bounce/log/reader.h"
#include "bounce/log/stamp.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

std::optional<std::chrono::seconds> unit_of(string_view name) {
  using namespace std::chrono;
  if (name == "s") return seconds(1);
  if (name == "m" || name == "min") return minutes(1);
  if (name == "h") return hours(1);
  if (name == "d") return days(1);
  if (name == "w") return weeks(1);
  return {};
}

/// "2d", "1h ago"
std::optional<WallTime> before(string_view text, WallTime now) {
  if (text.ends_with("ago")) text = text::trim(text.substr(0, text.size() - 3));
  unsigned count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count > 100'000) return {};
  const auto unit = unit_of(text::trim(text.substr(static_cast<std::size_t>(end - text.data()))));
  if (!unit) return {};
  return now - *unit * count;
}

/// A date, with a time or without; without a zone it is local.
std::optional<WallTime> calendar(string_view text, WallTime now) {
  std::string full(text);
  if (full.size() == 10) full += " 00:00:00";
  if (full.size() == 16) full += ":00";
  string_view rest = full;
  const auto stamp = log::take_stamp(rest);
  if (stamp.form != log::StampForm::iso || !rest.empty()) return {};
  return log::StampReader(now, {}).read(stamp);
}

}  // namespace

Result<WallTime> parse_log_moment(string_view text, WallTime now) {
  text = text::trim(text);
  if (const auto time = calendar(text, now)) return *time;
  if (const auto time = before(text, now)) return *time;
  return fail_with(ErrorCode::usage,
                   "`{}` is no time: write 2026-11-20, 2026-11-20T09:30:00Z, 1h or 2d", text);
}

}  // namespace maildiag::bounce
