#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

std::string value_text(const Value& value) {
  return value.is_null() || value.to_text().empty() ? "-" : value.to_text();
}

}  // namespace

void write_config(const TextContext& context) {
  const auto& files = context.report.result["files"].as_array();
  for (const auto& file : files)
    context.out.field(0, 0, fmt::format("{}: ", context.labels("config.file")), file.to_text());
  if (files.empty()) {
    context.out.line(0, context.labels("config.no-file"));
    for (const auto& place : context.report.result["searched"].as_array())
      context.out.line(2, place.to_text());
  }
  const auto& settings = context.report.result["settings"].as_array();
  std::size_t column = 0;
  for (const auto& setting : settings)
    column = std::max(column, text::display_width(setting["key"].to_text()));
  for (const auto& setting : settings) {
    context.out.field(
        2, column + 2, setting["key"].to_text(),
        fmt::format("{}  ({})", value_text(setting["value"]), setting["origin"].to_text()));
  }
  if (context.report.findings.empty() && settings.empty())
    context.out.line(0, context.labels("config.good"), Style::good);
  write_findings(context, true);
}

}  // namespace maildiag::report
