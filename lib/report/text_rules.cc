#include <fmt/format.h>

#include "report/text.h"

namespace maildiag::report {

namespace {

void write_rule_list(const TextContext& context) {
  for (const auto& rule : context.report.result["rules"].as_array()) {
    context.out.row(
        0, fmt::format("{}  {}", padded(rule["id"].to_text(), 36), rule["cause"].to_text()));
  }
}

void write_members(const TextContext& context) {
  for (const auto& member : context.report.result.as_object()) {
    if (member.value.is_array()) {
      for (const auto& item : member.value.as_array())
        context.out.field(0, 12, member.key, item.to_text());
    } else if (!member.value.to_text().empty()) {
      context.out.field(0, 12, member.key, member.value.to_text());
    }
  }
  context.out.gap();
}

void write_test(const TextContext& context) {
  const Value& result = context.report.result;
  const auto& faults = result["faults"].as_array();
  for (const auto& fault : faults) {
    const auto winner = fault["winner"].to_text();
    context.out.line(
        0,
        fmt::format("{}: {}: {} -> {}", fault["origin"].to_text(), fault["id"].to_text(),
                    fault["example"].to_text(), winner.empty() ? "-" : winner),
        Style::bad, 4);
  }
  context.out.line(
      0,
      fmt::format("{}: {}  {}: {}  {}: {}", context.labels("rules.rules"),
                  result["rules"].to_text(), context.labels("rules.examples"),
                  result["examples"].to_text(), context.labels("rules.faults"), faults.size()),
      faults.empty() ? Style::good : Style::bad);
}

void write_lint(const TextContext& context) {
  const auto& faults = context.report.result["faults"].as_array();
  for (const auto& fault : faults) {
    const auto detail = fault["detail"].to_text();
    context.out.line(
        0,
        fmt::format("{}: {}: {}{}", fault["origin"].to_text(), fault["id"].to_text(),
                    fault["problem"].to_text(), detail.empty() ? "" : fmt::format(" ({})", detail)),
        Style::warn, 4);
  }
  if (faults.empty()) context.out.line(0, context.labels("lint.clean"), Style::good);
}

}  // namespace

void write_rules(const TextContext& context) {
  const auto& command = context.report.command;
  if (command == "rules list") {
    write_rule_list(context);
  } else if (command == "rules test") {
    write_test(context);
  } else if (command == "rules lint") {
    write_lint(context);
  } else {
    write_members(context);
  }
}

}  // namespace maildiag::report
