/// One target's (or one delivery failure's) result, complete and ready for a renderer.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <maildiag/finding.h>
#include <maildiag/value.h>

namespace maildiag {

inline constexpr const char* report_schema = "maildiag.report/1";
inline constexpr const char* explain_schema = "maildiag.explain/1";
inline constexpr const char* summary_schema = "maildiag.summary/1";
inline constexpr const char* stats_schema = "maildiag.stats/1";

struct Report {
  std::string schema = report_schema;
  std::string command;  ///< the subcommand: `mxcheck`, `explain` ...
  std::string target;   ///< as the user named it
  Severity status = Severity::ok;
  std::chrono::system_clock::time_point started;
  std::int64_t elapsed_ms = 0;
  Value result;  ///< the command's own object; its shape is documented in the command's manual page
  std::vector<Finding> findings;
};

}  // namespace maildiag
