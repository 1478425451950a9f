#include <algorithm>

#include <fmt/format.h>

#include "report/text.h"

namespace maildiag::report {

namespace {

constexpr std::size_t id_column = 38;

std::string severity_label(const TextContext& context, const Value& entry) {
  return std::string(context.labels(fmt::format("severity.{}", entry["severity"].to_text())));
}

void write_list(const TextContext& context) {
  const Value& result = context.report.result;
  for (const auto& finding : result["findings"].as_array()) {
    context.out.row(
        0, fmt::format("{} {} {}", padded(finding["id"].to_text(), id_column),
                       padded(severity_label(context, finding), 10), finding["title"].to_text()));
  }
  for (const auto& cause : result["causes"].as_array()) {
    context.out.row(
        0, fmt::format("{} {} {}", padded(cause["id"].to_text(), id_column),
                       padded(context.labels("explain.cause"), 10), cause["title"].to_text()));
  }
}

void write_steps(const TextContext& context, const Value& entry) {
  context.out.gap();
  context.out.line(0, context.labels("explain.remedy"), Style::bold);
  int number = 0;
  for (const auto& step : entry["remedy"].as_array())
    context.out.item(2, fmt::format("{}.", ++number), step.to_text());
  if (number == 0) context.out.line(2, context.labels("catalogue.no-remedy"));
}

/// A heading with one line for each of the array's members, where there is any.
void write_array(const TextContext& context, const char* label, const Value& array) {
  if (array.as_array().empty()) return;
  context.out.gap();
  context.out.line(0, context.labels(label), Style::bold);
  for (const auto& item : array.as_array()) context.out.line(2, item.to_text());
}

void write_entry(const TextContext& context) {
  const Value& entry = context.report.result;
  const bool cause = entry["kind"].to_text() == "cause";
  const auto kind =
      cause ? fmt::format("[{}: {}]", context.labels("explain.cause"),
                          context.labels(fmt::format("side.{}", entry["side"].to_text())))
            : fmt::format("[{}]", severity_label(context, entry));
  context.out.item(0, kind, entry["id"].to_text());
  context.out.line(0, entry["title"].to_text(), Style::bold);
  context.out.gap();
  context.out.line(0, context.labels("catalogue.why"), Style::bold);
  context.out.line(2, entry["detail"].to_text());
  write_steps(context, entry);
  write_array(context, "catalogue.confirmed-by", entry["confirmed_by"]);
  write_array(context, "catalogue.refuted-by", entry["refuted_by"]);
  write_array(context, "catalogue.inconclusive-by", entry["inconclusive_by"]);
  if (entry["untestable"].as_bool()) {
    context.out.gap();
    context.out.line(0, context.labels("catalogue.untestable"));
  }
  write_array(context, "catalogue.confirms", entry["causes"]);
  write_array(context, "explain.links", entry["links"]);
  if (const auto reference = entry["reference"].to_text(); !reference.empty()) {
    context.out.gap();
    context.out.line(0, context.labels("catalogue.reference"), Style::bold);
    context.out.line(2, reference);
  }
}

}  // namespace

void write_catalogue(const TextContext& context) {
  if (context.report.target.empty()) {
    write_list(context);
  } else {
    write_entry(context);
  }
}

}  // namespace maildiag::report
