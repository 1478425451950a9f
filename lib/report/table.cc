#include "report/table.h"

#include <algorithm>

#include "core/text.h"

namespace maildiag::report {

namespace {

/// A last column that starts beyond this goes to lines of its own.
constexpr std::size_t narrow = 36;

void write_row(Layout& out, const std::vector<std::string>& row,
               const std::vector<std::size_t>& widths, bool heading) {
  std::string front;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) front += padded(row[i], widths[i]) + "  ";
  const std::size_t start = text::display_width(front);
  if (start > narrow) {
    while (front.ends_with(' ')) front.pop_back();
    out.row(2, front, heading ? Style::dim : Style::plain);
    if (!heading && !row.back().empty()) out.line(6, row.back(), Style::dim);
  } else if (heading) {
    out.row(2, front + row.back(), Style::dim);
  } else {
    out.field(2, start, front, row.back(), Style::plain, Style::plain);
  }
}

}  // namespace

void Table::write(Layout& out) const {
  if (rows_.size() < 2) return;
  const auto widths = column_widths();
  for (std::size_t r = 0; r < rows_.size(); ++r) write_row(out, rows_[r], widths, r == 0);
}

std::vector<std::size_t> Table::column_widths() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], text::display_width(text::sanitize(row[i])));
  }
  return widths;
}

}  // namespace maildiag::report
