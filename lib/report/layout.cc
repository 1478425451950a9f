#include "report/layout.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/text.h"

namespace maildiag::report {

namespace {

constexpr std::size_t narrowest_text =
    20;  // below this, wrapping makes things worse than a long line
constexpr std::size_t least_hang = 2;

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::note:
      return "\x1b[36m";
    case Style::warn:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[1;31m";
    case Style::unknown:
      return "\x1b[35m";
  }
  return "";
}

/// Lines of at most `room` columns, the first of `hang` more.
std::vector<std::string> wrap_hanging(std::string_view text, std::size_t room, std::size_t hang) {
  const auto words = text::split(text, ' ');
  const bool broken = std::any_of(words.begin(), words.end(), [room](std::string_view word) {
    return text::display_width(word) > room;
  });
  auto lines = text::wrap(text, broken ? room : room + hang);
  if (broken || hang == 0 || lines.size() < 2) return lines;
  std::string rest;
  for (std::size_t i = 1; i < lines.size(); ++i) rest += (i > 1 ? " " : "") + lines[i];
  std::vector<std::string> all{std::move(lines.front())};
  for (auto& line : text::wrap(rest, room)) all.push_back(std::move(line));
  return all;
}

}  // namespace

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::ok:
      return Style::good;
    case Severity::info:
      return Style::note;
    case Severity::warning:
      return Style::warn;
    case Severity::critical:
      return Style::bad;
    case Severity::unknown:
      break;
  }
  return Style::unknown;
}

std::string Layout::styled(std::string_view text, Style style) const {
  if (!color_ || style == Style::plain || text.empty()) return std::string(text);
  return std::string(escape_of(style)) + std::string(text) + "\x1b[0m";
}

void Layout::put(std::size_t indent, std::string_view text) {
  text_.append(indent, ' ');
  text_ += text;
  text_ += '\n';
}

void Layout::line(std::size_t indent, std::string_view text, Style style, std::size_t hang) {
  const std::string clean = text::sanitize(text);
  // At the margin begins only what is ours: "[ok]" wrapped out of a stranger's text would be read
  // as a report.
  if (indent == 0) hang = std::max(hang, least_hang);
  const std::size_t room =
      std::max(width_ > indent + hang ? width_ - indent - hang : 0, narrowest_text);
  bool first = true;
  for (const auto& part : wrap_hanging(clean, room, hang)) {
    put(first ? indent : indent + hang, styled(part, style));
    first = false;
  }
}

void Layout::field(std::size_t indent, std::size_t column, std::string_view name,
                   std::string_view text, Style style, Style name_style) {
  const std::string clean = text::sanitize(text);
  const std::size_t start = indent + column;
  const std::size_t room = std::max(width_ > start ? width_ - start : 0, narrowest_text);
  bool first = true;
  for (const auto& part : text::wrap(clean, room)) {
    const std::string label =
        first ? styled(padded(name, column), name_style) : std::string(column, ' ');
    put(indent, label + styled(part, style));
    first = false;
  }
}

void Layout::item(std::size_t indent, std::string_view marker, std::string_view text,
                  Style marker_style) {
  const std::string clean = text::sanitize(text);
  const std::size_t column = text::display_width(marker) + 1;
  const std::size_t start = indent + column;
  const std::size_t room = std::max(width_ > start ? width_ - start : 0, narrowest_text);
  bool first = true;
  for (const auto& part : text::wrap(clean, room)) {
    put(indent, (first ? styled(marker, marker_style) + " " : std::string(column, ' ')) + part);
    first = false;
  }
}

void Layout::row(std::size_t indent, std::string_view text, Style style) {
  put(indent, styled(text::sanitize(text), style));
}

void Layout::gap() {
  if (!text_.empty() && !text_.ends_with("\n\n")) text_ += '\n';
}

std::string padded(std::string_view text, std::size_t columns) {
  std::string clean = text::sanitize(text);
  const std::size_t used = text::display_width(clean);
  if (used < columns) clean.append(columns - used, ' ');
  return clean;
}

}  // namespace maildiag::report
