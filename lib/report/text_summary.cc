#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/text.h"

namespace maildiag::report {

namespace {

/// Rows of a dimension that are shown without -v: the ones that a day's work will start with.
constexpr std::size_t shown_rows = 10;

std::string between(const Value& from, const Value& to) {
  const auto first = from.to_text(), last = to.to_text();
  if (first.empty() || first == last) return first;
  // Of a longer span the days are enough, and two whole times would not fit beside a key.
  constexpr std::size_t day = std::string_view("2026-11-21").size();
  if (first.substr(0, day) == last.substr(0, day)) return first + " - " + last.substr(day + 1);
  return first.substr(0, day) + " - " + last.substr(0, day);
}

void write_row(const TextContext& context, const Value& row) {
  auto& out = context.out;
  const auto key =
      row["key"].is_null() ? std::string(context.labels("summary.none")) : row["key"].to_text();
  const auto count =
      fmt::format("{:>8} {:>6.1f} %", row["count"].as_integer(), row["share"].as_double() * 100);
  const auto seen = between(row["first_seen"], row["last_seen"]);
  out.row(2, fmt::format("{}  {}{}", count, seen.empty() ? key : padded(key, 36) + "  ", seen));
  const auto& sample = row["sample"];
  const auto reply = sample["reply"].to_text();
  if (!reply.empty())
    out.line(21, fmt::format("{}: {}", sample["name"].to_text(), reply), Style::dim, 2);
  const auto step = row["first_step"].to_text();
  if (!step.empty()) out.item(21, "->", step, Style::note);
}

void write_group(const TextContext& context, std::string_view dimension) {
  const Value& result = context.report.result;
  const auto& rows = result["groups"][dimension].as_array();
  if (rows.empty()) return;
  auto& out = context.out;
  out.gap();
  out.line(0, context.labels(fmt::format("summary.by.{}", dimension)), Style::bold);
  const auto shown = context.options.verbose ? rows.size() : std::min(rows.size(), shown_rows);
  for (std::size_t i = 0; i < shown; ++i) write_row(context, rows[i]);
  if (shown < rows.size()) {
    out.line(2, fmt::format("{} {}", rows.size() - shown, context.labels("summary.more")),
             Style::dim);
  }
}

void write_totals(const TextContext& context) {
  const Value& result = context.report.result;
  const auto field = [&](std::string_view label, const std::string& text) {
    if (!text.empty()) context.out.field(0, 18, context.labels(label), text);
  };
  field("summary.title", result["failures"].to_text());
  std::string messages;
  for (const auto& kind : result["messages"].as_object()) {
    if (!messages.empty()) messages += ", ";
    messages += fmt::format("{} {}", kind.value.to_text(), kind.key);
  }
  field("summary.messages", messages);
  if (result["unreadable"].as_integer() != 0)
    field("summary.unreadable", result["unreadable"].to_text());
  field("summary.seen", between(result["first_seen"], result["last_seen"]));
}

}  // namespace

void write_stats(const TextContext& context, const Value& stats) {
  auto& out = context.out;
  out.gap();
  out.line(0, context.labels("stats.title"), Style::bold);
  for (const auto& rule : stats["rules"].as_array())
    out.row(2, fmt::format("{:>8}  {}", rule["hits"].as_integer(), rule["id"].to_text()));
  out.row(2, fmt::format("{:>8}  ({})", stats["without_rule"].as_integer(),
                         context.labels("stats.without-rule")));
  out.row(2,
          fmt::format("{:>8}  ({})", stats["rules_never_hit"].as_integer(),
                      context.labels("stats.never")),
          Style::dim);
}

void write_summary(const TextContext& context) {
  write_totals(context);
  if (!context.report.findings.empty()) {
    context.out.gap();
    context.out.line(0, context.labels("summary.across"), Style::bold);
    write_findings(context, true);
  }
  for (const auto* dimension : {"cause", "provider", "rule", "sending_ip", "sender"})
    write_group(context, dimension);
  if (const auto* stats = context.report.result.find("stats")) write_stats(context, *stats);
}

}  // namespace maildiag::report
