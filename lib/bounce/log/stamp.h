/// Points in time out of what stands in front of a log's lines.
#pragma once

#include <optional>
#include <string>

#include "bounce/log/line.h"
#include "core/clock.h"

namespace maildiag::bounce::log {

class StampReader {
 public:
  /// `latest`: no line is younger than this; decides the year of dates without one. `year`: the
  /// first line's, if known; the others follow in order.
  StampReader(WallTime latest, std::optional<int> year);

  /// nullopt: no time, or no such day.
  std::optional<WallTime> read(const Stamp& stamp);

 private:
  std::optional<WallTime> read_syslog(std::string_view text);
  std::optional<WallTime> read_following(int month, int day, int hour);
  std::optional<WallTime> read_iso(std::string_view text);
  std::optional<WallTime> local_hour(int year, int month, int day, int hour);

  WallTime latest_;
  int latest_year_ = 0;
  std::optional<int> year_;           ///< of the line before, where the first one's is known
  std::optional<WallTime> previous_;  ///< the hour of the line before
  /// mktime() is slow and lines of one hour stand together.
  struct Hour {
    int year = 0, month = 0, day = 0, hour = 0;
    bool operator==(const Hour&) const = default;
  };
  Hour hour_;
  WallTime hour_start_;
};

}  // namespace maildiag::bounce::log
