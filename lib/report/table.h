/// Columns of text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/layout.h"

namespace maildiag::report {

/// Rows of equal length with a heading, each column as wide as its widest cell; the last one is
/// wrapped.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  /// Nothing where there is only the heading.
  void write(Layout& out) const;

 private:
  std::vector<std::size_t> column_widths() const;

  std::vector<std::vector<std::string>> rows_;
};

}  // namespace maildiag::report
