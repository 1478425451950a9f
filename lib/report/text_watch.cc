#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "core/text.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

/// Events that are shown without -v: the newest.
constexpr std::size_t shown_events = 20;

void write_change(const TextContext& context, const Finding& finding) {
  auto& out = context.out;
  out.item(
      2,
      fmt::format("[{}]", context.labels(fmt::format("severity.{}", to_string(finding.severity)))),
      finding.title, style_of(finding.severity));
  if (!finding.detail.empty()) out.line(6, finding.detail);
  if (finding.data["in_doubt"].as_bool())
    out.line(6, context.labels("watch.in-doubt"), Style::warn);
  for (const auto& step : finding.remedy) out.item(6, "->", step, Style::note);
  if (context.options.verbose) write_evidence(context, finding, 6);
}

/// One sign for a stretch of time: how much was bad, and whether anybody was there to see it.
std::string_view spark(const Value& bucket, std::int64_t most) {
  constexpr std::array<std::string_view, 8> heights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (bucket["runs"].as_integer() == 0) return " ";
  const auto bad = bucket["bad"].as_integer();
  if (bad == 0) return bucket["answered"].as_integer() == 0 ? "?" : "·";
  return heights.at(static_cast<std::size_t>((bad * 7 + most - 1) / most));
}

void write_line(const TextContext& context) {
  const auto& line = context.report.result["line"].as_array();
  if (line.empty()) return;
  std::int64_t most = 1;
  for (const auto& bucket : line) most = std::max(most, bucket["bad"].as_integer());
  std::string text;
  for (const auto& bucket : line) text += spark(bucket, most);
  context.out.row(2, text);
  context.out.row(
      2, fmt::format("{} - {}", line.front()["time"].to_text(), line.back()["time"].to_text()),
      Style::dim);
  context.out.line(2, fmt::format("{}: {}", context.labels("history.most"), most), Style::dim);
}

}  // namespace

void write_watch(const TextContext& context) {
  const auto& report = context.report;
  auto& out = context.out;
  out.line(0,
           fmt::format("{} {}  ({}: {}, {}: {}/{})", context.labels("watch.title"), report.target,
                       context.labels("watch.targets"), report.result["targets"].to_text(),
                       context.labels("watch.answers"), report.result["answered"].to_text(),
                       report.result["asked"].to_text()),
           Style::bold);
  if (report.result["dry_run"].as_bool()) out.line(0, context.labels("watch.dry-run"), Style::warn);
  std::string group;
  for (const auto& finding : report.findings) {
    const auto& next = finding.data["group"].as_string();
    if (next != group) {
      out.gap();
      out.line(0, context.labels("watch.group." + next), Style::bold);
    }
    group = next;
    write_change(context, finding);
  }
}

namespace {

void write_items(const TextContext& context, const char* title, const Value& items,
                 const char* time) {
  auto& out = context.out;
  if (items.as_array().empty()) return;
  out.gap();
  out.line(0, context.labels(title), Style::bold);
  for (const auto& item : items.as_array()) {
    out.line(
        2,
        fmt::format("{}  {} {} {}  {} {}", item[time].to_text(), item["target"].to_text(),
                    item["check"].to_text(), item["subject"].to_text(), item["severity"].to_text(),
                    item[item["title"].is_null() ? "value" : "title"].to_text()),
        Style::plain, 4);
  }
}

}  // namespace

void write_history(const TextContext& context) {
  const Value& result = context.report.result;
  auto& out = context.out;
  out.line(0, fmt::format("{} {}", context.labels("history.title"), context.report.target),
           Style::bold);
  write_line(context);
  write_items(context, "history.current", result["current"], "since");
  write_items(context, "history.unwatched", result["unwatched"], "unwatched_since");
  const auto& events = result["events"].as_array();
  const auto shown =
      context.options.verbose ? events.size() : std::min(events.size(), shown_events);
  out.gap();
  out.line(0, context.labels("history.events"), Style::bold);
  for (std::size_t i = events.size(); i > events.size() - shown; --i) {
    const auto& event = events[i - 1];
    out.line(2, fmt::format("{}  {}", event["time"].to_text(), event["title"].to_text()),
             Style::plain, 22);
  }
  if (shown < events.size())
    out.line(2, fmt::format("{} {}", events.size() - shown, context.labels("summary.more")),
             Style::dim);
}

}  // namespace maildiag::report
