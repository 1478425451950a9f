/// Many rblcheck reports as a table: a row for each target, a column for each list. Rows are
/// written as they come, so a sweep of any size fits.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <maildiag/render.h>
#include <maildiag/report.h>

#include "report/layout.h"

namespace maildiag::report {

class ListGrid {
 public:
  ListGrid(std::vector<std::string> zones, const TextOptions& options, bool hide_clean)
      : zones_(std::move(zones)), options_(options), hide_clean_(hide_clean) {}

  /// The lists by number, what the marks mean, and the numbers above their columns.
  std::string head(const Labels& labels) const;
  /// A row, with each listing whole below it; empty if nothing of it is to be shown.
  std::string row(const Report& report, const Labels& labels);
  /// What is to be said once: lists without a believable answer, the resolver, the counts.
  std::string tail(const Labels& labels) const;

 private:
  struct Trouble {
    std::string state, reason;
    std::uint64_t targets = 0;
  };

  std::string marks(const Report& report, bool& shown);
  void note(const Report& report);
  void write_numbers(Layout& out) const;

  std::vector<std::string> zones_;
  TextOptions options_;
  bool hide_clean_;
  std::map<std::string, Trouble> troubles_;  // by zone
  std::string resolver_;
  std::vector<Finding> once_;  // findings about the resolver
  std::uint64_t targets_ = 0, listed_ = 0, unknown_ = 0;
};

}  // namespace maildiag::report
