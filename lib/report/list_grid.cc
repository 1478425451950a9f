#include "report/list_grid.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::report {

namespace {

/// An IPv4 address and a space; longer targets push their marks to the right.
constexpr std::size_t target_columns = 16;

/// One character a state; what a listing weighs shows in it.
char mark_of(const Value& list) {
  const auto& state = list["state"].as_string();
  if (state == "listed") {
    const auto& list_class = list["class"].as_string();
    return list_class == "block" || list_class == "domain" ? 'L'
           : list_class == "policy"                        ? 'P'
                                                           : 'i';
  }
  if (state == "not-listed") return '.';
  if (state == "allowed") return 'A';
  if (state == "blocked") return 'R';
  if (state == "broken") return '!';
  return state == "error" ? '?' : '-';
}

bool is_trouble(std::string_view state) {
  return state != "listed" && state != "not-listed" && state != "allowed";
}

std::string marker(Severity severity, const Labels& labels) {
  return fmt::format("[{}]", labels(fmt::format("severity.{}", to_string(severity))));
}

std::string number_row(std::size_t count, std::size_t unit) {
  std::string row;
  for (std::size_t number = 1; number <= count; ++number) {
    const bool shown = unit == 1 || number % unit == 0;
    row += shown ? static_cast<char>('0' + number / unit % 10) : ' ';
  }
  return row;
}

void write_listing(Layout& out, const Value& list) {
  std::string text = fmt::format("{} {}", list["zone"].to_text(), list["codes"].to_text());
  if (const auto meaning = list["meaning"].to_text(); !meaning.empty()) text += ": " + meaning;
  if (const auto txt = list["txt"].to_text(); !txt.empty()) text += fmt::format(" \"{}\"", txt);
  out.line(4, text, Style::plain, 2);
  if (const auto url = list["delist_url"].to_text(); !url.empty()) out.line(6, url, Style::note);
}

}  // namespace

std::string ListGrid::head(const Labels& labels) const {
  Layout out(options_.width, options_.color);
  std::size_t widest = 0;
  for (const auto& zone : zones_) widest = std::max(widest, text::display_width(zone));
  const std::size_t cell = widest + 6;
  const std::size_t columns = std::max<std::size_t>(1, options_.width / cell);
  const std::size_t rows = (zones_.size() + columns - 1) / columns;
  for (std::size_t r = 0; r < rows; ++r) {
    std::string line;
    for (std::size_t i = r; i < zones_.size(); i += rows)
      line += padded(fmt::format("{:>3} {}", i + 1, zones_[i]), cell);
    out.row(0, line.substr(0, line.find_last_not_of(' ') + 1), Style::dim);
  }
  out.line(0, labels("grid.marks"), Style::dim);
  write_numbers(out);
  return out.take();
}

void ListGrid::write_numbers(Layout& out) const {
  const std::string indent(target_columns, ' ');
  for (const std::size_t unit : {100U, 10U, 1U}) {
    if (zones_.size() < unit) continue;
    const auto numbers = number_row(zones_.size(), unit);
    out.row(0, indent + numbers.substr(0, numbers.find_last_not_of(' ') + 1), Style::dim);
  }
}

std::string ListGrid::row(const Report& report, const Labels& labels) {
  ++targets_;
  note(report);
  bool shown = false;
  const auto cells = marks(report, shown);
  const auto& lists = report.result["lists"].as_array();
  if (hide_clean_ && !shown && exit_status(report.status) == 0) return {};
  Layout out(options_.width, options_.color);
  if (text::display_width(text::sanitize(report.target)) < target_columns) {
    out.row(0, padded(report.target, target_columns) + cells, style_of(report.status));
  } else {  // a long name on a line of its own: the marks stay below their numbers
    out.row(0, report.target, style_of(report.status));
    out.row(target_columns, cells, style_of(report.status));
  }
  for (const auto& list : lists) {
    if (list["state"].as_string() == "listed") write_listing(out, list);
  }
  if (lists.empty()) {  // a name whose addresses could not be had
    for (const auto& finding : report.findings) {
      out.item(4, marker(finding.severity, labels), finding.title, style_of(finding.severity));
    }
  }
  return out.take();
}

std::string ListGrid::marks(const Report& report, bool& shown) {
  std::string cells(zones_.size(), ' ');
  for (const auto& list : report.result["lists"].as_array()) {
    const auto found = std::find(zones_.begin(), zones_.end(), list["zone"].as_string());
    if (found == zones_.end()) continue;
    const char mark = mark_of(list);
    cells[static_cast<std::size_t>(found - zones_.begin())] = mark;
    shown = shown || (mark != '.' && !is_trouble(list["state"].as_string()));
  }
  return cells;
}

void ListGrid::note(const Report& report) {
  if (report.result["listed"].as_integer() > 0) ++listed_;
  if (report.status == Severity::unknown) ++unknown_;
  for (const auto& list : report.result["lists"].as_array()) {
    const auto& state = list["state"].as_string();
    if (!is_trouble(state)) continue;
    auto& trouble = troubles_[list["zone"].as_string()];
    if (trouble.targets++ > 0) continue;
    trouble.state = state;
    trouble.reason = list["meaning"].to_text();
  }
  if (resolver_.empty()) resolver_ = report.result["resolver"].to_text();
  if (!once_.empty()) return;
  for (const auto& finding : report.findings) {
    if (finding.data.find("resolvers") != nullptr) once_.push_back(finding);
  }
}

std::string ListGrid::tail(const Labels& labels) const {
  Layout out(options_.width, options_.color);
  for (const auto& [zone, trouble] : troubles_) {
    out.item(0, fmt::format("[{}]", labels("state." + trouble.state)),
             fmt::format("{}: {} ({}: {})", zone, trouble.reason, labels("grid.targets"),
                         trouble.targets),
             Style::unknown);
  }
  for (const auto& finding : once_) {
    out.item(0, marker(finding.severity, labels), finding.title, style_of(finding.severity));
    for (const auto& step : finding.remedy) out.item(4, "->", step, Style::note);
  }
  if (!resolver_.empty()) out.field(0, 0, fmt::format("{}: ", labels("check.resolver")), resolver_);
  out.line(0,
           fmt::format("{}: {}  {}: {}  {}: {}", labels("grid.targets"), targets_,
                       labels("grid.listed"), listed_, labels("grid.unknown"), unknown_),
           Style::bold);
  return out.take();
}

}  // namespace maildiag::report
