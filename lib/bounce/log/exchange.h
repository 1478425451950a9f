/// Exchange's message tracking log: comma-separated values under a "#Fields:" line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/log/found.h"

namespace maildiag::bounce::log {

class ExchangeLog {
 public:
  /// True if `line` names the columns: "#Fields: date-time,client-ip,..." or the header of
  /// `Get-MessageTrackingLog | Export-Csv`.
  bool read_header(std::string_view line);
  bool has_columns() const { return event_ != none; }

  /// A row; FAIL, BADMAIL, POISONMESSAGE and DEFER (and DSN, where it says why) are reported. Sets
  /// `stamp` first.
  void read_row(std::string_view line, Stamp& stamp, const FoundSink& sink);

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::string_view cell(std::size_t column) const;
  void report(Found& found, const FoundSink& sink) const;

  std::vector<std::string> cells_;
  std::size_t time_ = none, event_ = none, recipients_ = none, status_ = none, sender_ = none,
              return_path_ = none, message_id_ = none, internal_id_ = none, server_host_ = none,
              context_ = none;
};

}  // namespace maildiag::bounce::log
