#include "bounce/log/stamp.h"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <ctime>

#include "bounce/reply_text.h"

namespace maildiag::bounce::log {
namespace {

using std::string_view;

/// A line may be a little younger than the file's time: clocks of other hosts, other zones.
constexpr auto clock_tolerance = std::chrono::hours(24);
/// TAI64 counts from here (2^62), ten seconds ahead of UTC as the tools compute it
/// (https://cr.yp.to/libtai/tai64.html; multilog ignores leap seconds).
constexpr std::uint64_t tai64_epoch = (1ULL << 62U) + 10;

/// REQUIRES: digits or blanks.
int digits(string_view text) {
  int value = 0;
  for (const char c : text) {
    if (is_digit(c)) value = value * 10 + (c - '0');
  }
  return value;
}

int month_of(string_view name) {
  static constexpr string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  return static_cast<int>(months.find(name) / 3) + 1;
}

int local_year(WallTime time) {
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts.tm_year + 1900;
}

bool is_date(int year, int month, int day) {
  return year >= first_year && year <= last_year &&
         (std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
          std::chrono::day(static_cast<unsigned>(day)))
             .ok();
}

std::optional<WallTime> read_tai64n(string_view text) {
  std::uint64_t value = 0;
  text = text.substr(1, 16);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size() || value < tai64_epoch) return {};
  const auto seconds = value - tai64_epoch;
  if (seconds > (1ULL << 33U)) return {};  // the year 2242: no log's time
  return WallTime(std::chrono::seconds(seconds));
}

}  // namespace

StampReader::StampReader(WallTime latest, std::optional<int> year)
    : latest_(latest + clock_tolerance), latest_year_(local_year(latest_)), year_(year) {}

std::optional<WallTime> StampReader::read(const Stamp& stamp) {
  switch (stamp.form) {
    case StampForm::syslog:
      return read_syslog(stamp.text);
    case StampForm::iso:
      return read_iso(stamp.text);
    case StampForm::tai64n:
      return read_tai64n(stamp.text);
    case StampForm::none:
      break;
  }
  return {};
}

std::optional<WallTime> StampReader::local_hour(int year, int month, int day, int hour) {
  if (!is_date(year, month, day) || hour > 23) return {};
  const Hour wanted{year, month, day, hour};
  if (!(wanted == hour_)) {
    std::tm parts{};
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_mday = day;
    parts.tm_hour = hour;
    parts.tm_isdst = -1;
    hour_start_ = std::chrono::system_clock::from_time_t(std::mktime(&parts));
    hour_ = wanted;
  }
  return hour_start_;
}

std::optional<WallTime> StampReader::read_syslog(string_view text) {
  const int month = month_of(text.substr(0, 3));
  const int day = digits(text.substr(4, 2));
  const int hour = digits(text.substr(7, 2));
  const int minute = digits(text.substr(10, 2)), second = digits(text.substr(13, 2));
  if (year_) {
    const auto start = read_following(month, day, hour);
    if (!start) return {};
    return *start + std::chrono::minutes(minute) + std::chrono::seconds(second);
  }
  // The youngest year in which the date exists and is not in the future; 29 February: four back.
  for (int year = latest_year_; year > latest_year_ - 8; --year) {
    const auto start = local_hour(year, month, day, hour);
    if (!start) continue;
    const auto time = *start + std::chrono::minutes(minute) + std::chrono::seconds(second);
    if (time <= latest_) return time;
  }
  return {};
}

/// The year that lies nearest to the line before: from December to January it is the next one, and
/// a line that came late may still be of the last.
std::optional<WallTime> StampReader::read_following(int month, int day, int hour) {
  std::optional<WallTime> nearest;
  int nearest_year = *year_;
  for (const int year : {*year_, *year_ + 1, *year_ - 1}) {
    if (!previous_ && year != *year_) break;
    const auto start = local_hour(year, month, day, hour);
    if (!start) continue;
    const auto distance = [&](WallTime time) {
      return time < *previous_ ? *previous_ - time : time - *previous_;
    };
    if (nearest && distance(*start) >= distance(*nearest)) continue;
    nearest = start;
    nearest_year = year;
  }
  if (nearest) {
    year_ = nearest_year;
    previous_ = nearest;
  }
  return nearest;
}

std::optional<WallTime> StampReader::read_iso(string_view text) {
  const int year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)),
            day = digits(text.substr(8, 2)), hour = digits(text.substr(11, 2));
  const auto rest = std::chrono::minutes(digits(text.substr(14, 2))) +
                    std::chrono::seconds(digits(text.substr(17, 2)));
  auto zone = text.substr(19);
  const auto sign = zone.find_first_of("Z+-");
  if (sign == string_view::npos) {
    const auto start = local_hour(year, month, day, hour);
    return start ? std::optional<WallTime>(*start + rest) : std::nullopt;
  }
  if (!is_date(year, month, day) || hour > 23) return {};
  zone.remove_prefix(sign);
  std::chrono::minutes offset{0};
  if (zone[0] != 'Z') {
    const int number = digits(zone.substr(1));  // "0900" and "09:00"
    offset = std::chrono::minutes(number / 100 * 60 + number % 100);
    if (zone[0] == '-') offset = -offset;
  }
  const auto date = std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
                    std::chrono::day(static_cast<unsigned>(day));
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + rest - offset;
}

}  // namespace maildiag::bounce::log
