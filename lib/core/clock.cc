#include "core/clock.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag {

namespace {

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || value < 0)
    return std::nullopt;
  return value;
}

struct Moment {
  int year, month, day, hour, minute, second;
  int offset_minutes;  ///< east of UTC
};

std::optional<WallTime> to_time(const Moment& moment) {
  using namespace std::chrono;
  const year_month_day date{year(moment.year), month(static_cast<unsigned>(moment.month)),
                            day(static_cast<unsigned>(moment.day))};
  if (moment.year < first_year || moment.year > last_year) return std::nullopt;
  if (!date.ok() || moment.hour > 23 || moment.minute > 59 || moment.second > 60)
    return std::nullopt;
  return sys_days(date) + hours(moment.hour) + minutes(moment.minute - moment.offset_minutes) +
         seconds(moment.second);
}

/// "09:30" or "09:30:15"
bool parse_clock(std::string_view text, Moment& moment) {
  const auto parts = text::split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return false;
  const auto hour = number(parts[0]), minute = number(parts[1]);
  const auto second = parts.size() == 3 ? number(parts[2]) : std::optional<int>(0);
  if (!hour || !minute || !second) return false;
  moment.hour = *hour;
  moment.minute = *minute;
  moment.second = *second;
  return true;
}

/// "+0900", "+09:00" as some write it, or one of RFC 5322 section 4.3's names; unknown names mean
/// -0000.
int zone_offset(std::string_view zone) {
  const bool colon = zone.size() == 6 && zone[3] == ':';
  if ((zone.size() == 5 || colon) && (zone[0] == '+' || zone[0] == '-')) {
    const auto hours = number(zone.substr(1, 2)), minutes = number(zone.substr(colon ? 4 : 3));
    if (hours && minutes) return (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
  }
  struct Named {
    std::string_view name;
    int hours;
  };
  static constexpr std::array zones{Named{"EST", -5}, Named{"EDT", -4}, Named{"CST", -6},
                                    Named{"CDT", -5}, Named{"MST", -7}, Named{"MDT", -6},
                                    Named{"PST", -8}, Named{"PDT", -7}, Named{"KST", 9}};
  for (const auto& named : zones) {
    if (zone == named.name) return named.hours * 60;
  }
  return 0;
}

/// Comments (RFC 5322 section 3.2.2) may stand anywhere, and hold others.
std::string without_comments(std::string_view text) {
  std::string plain;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    plain += depth > 0 ? ' ' : c;
    if (c == ')' && depth > 0) --depth;
  }
  return plain;
}

std::optional<int> month_number(std::string_view name) {
  static constexpr std::string_view names = "janfebmaraprmayjunjulaugsepoctnovdec";
  const auto at =
      name.size() >= 3 ? names.find(text::ascii_lower(name.substr(0, 3))) : std::string_view::npos;
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  return static_cast<int>(at / 3) + 1;
}

}  // namespace

std::string to_rfc3339(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  if (parts.tm_year < -1900 || parts.tm_year > 9999 - 1900) {
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  }
  // By hand: two in each object of a bulk run, where a format of six numbers takes a tenth.
  std::string text = "0000-00-00T00:00:00Z";
  const auto put = [&text](std::size_t end, int value) {
    for (; value > 0; value /= 10) text[--end] = static_cast<char>('0' + value % 10);
  };
  put(4, parts.tm_year + 1900);
  put(7, parts.tm_mon + 1);
  put(10, parts.tm_mday);
  put(13, parts.tm_hour);
  put(16, parts.tm_min);
  put(19, parts.tm_sec);
  return text;
}

std::optional<WallTime> from_rfc3339(std::string_view text) {
  // 2026-11-21T09:30:00[.fff](Z|+09:00)
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' '))
    return std::nullopt;
  Moment moment{};
  const auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2)),
             day = number(text.substr(8, 2));
  if (!year || !month || !day || !parse_clock(text.substr(11, 8), moment)) return std::nullopt;
  moment.year = *year;
  moment.month = *month;
  moment.day = *day;
  auto zone = text.substr(19);
  if (zone.starts_with('.'))
    zone.remove_prefix(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
  if (zone != "Z" && zone != "z") {
    if (zone.size() != 6 || zone[3] != ':') return std::nullopt;
    moment.offset_minutes =
        zone_offset(std::string(zone.substr(0, 3)) + std::string(zone.substr(4)));
  }
  return to_time(moment);
}

std::optional<WallTime> from_rfc5322_date(std::string_view text) {
  // [day-name ","] day month year hh:mm[:ss] zone
  if (const auto comma = text.substr(0, text.find('(')).find(','); comma != std::string_view::npos)
    text.remove_prefix(comma + 1);
  const std::string plain = text::collapse_spaces(without_comments(text.substr(0, 200)));
  const auto words = text::split(plain, ' ');
  if (words.size() < 4) return std::nullopt;
  const auto day = number(words[0]), month = month_number(words[1]), year = number(words[2]);
  Moment moment{};
  if (!day || !month || !year || !parse_clock(words[3], moment)) return std::nullopt;
  // Two-digit years: RFC 5322 section 4.3.
  moment.year = *year < 50 ? *year + 2000 : *year < 1000 ? *year + 1900 : *year;
  moment.month = *month;
  moment.day = *day;
  moment.offset_minutes = words.size() > 4 ? zone_offset(words[4]) : 0;
  return to_time(moment);
}

}  // namespace maildiag
