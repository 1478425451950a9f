#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

std::string mailbox(const std::string& address) {
  return address.empty() ? std::string() : "<" + address + ">";
}

std::string host_and_address(const Value& failure) {
  std::string text = failure["remote_host"].to_text();
  const auto ip = failure["remote_ip"].to_text();
  if (!ip.empty() && ip != text) text += text.empty() ? "[" + ip + "]" : " [" + ip + "]";
  return text;
}

Style verdict_style(const std::string& verdict) {
  if (verdict == "confirmed") return Style::bad;
  if (verdict == "refuted") return Style::good;
  return verdict == "inconclusive" ? Style::unknown : Style::warn;
}

/// Names and values in two columns; the first column is as wide as its widest name.
class Fields {
 public:
  Fields(const TextContext& context) : context_(context) {}  // NOLINT(google-explicit-constructor)
  void add(std::string_view label, std::string text, Style style = Style::plain) {
    if (!text.empty())
      rows_.push_back({std::string(context_.labels(label)), std::move(text), style});
  }
  void write() {
    std::size_t column = 0;
    for (const auto& row : rows_) column = std::max(column, text::display_width(row.name));
    for (const auto& row : rows_) context_.out.field(2, column + 2, row.name, row.text, row.style);
  }

 private:
  struct Row {
    std::string name, text;
    Style style;
  };
  const TextContext& context_;
  std::vector<Row> rows_;
};

std::string reply_text(const Value& reply) {
  std::string text;
  for (const char* key : {"code", "status", "text"}) {
    const auto part = reply[key].to_text();
    if (part.empty() || part == "0") continue;
    if (!text.empty()) text += ' ';
    text += part;
  }
  return text;
}

/// Whether a try may yet succeed is one thing, whether a server makes one another. Of a reply by
/// itself, whose action is unknown, only the first is known.
std::string_view permanence(const Value& result) {
  const auto action = result["failure"]["action"].to_text();
  if (result["permanent"].as_bool()) {
    if (action == "unknown") return "permanent.yes-untold";
    return action == "delayed" ? "permanent.yes-in-queue" : "permanent.yes";
  }
  if (action == "failed") return "permanent.given-up";
  return action == "delayed" ? "permanent.no" : "permanent.no-unless-given-up";
}

void write_heading(const TextContext& context) {
  const Value& result = context.report.result;
  const Value& failure = result["failure"];
  std::string heading = context.report.target;
  const auto recipient = mailbox(failure["recipient"].to_text());
  if (!recipient.empty()) heading += ": " + recipient;
  context.out.line(0, heading, Style::bold, 2);
}

void write_facts(const TextContext& context) {
  const Value& result = context.report.result;
  const Value& failure = result["failure"];
  Fields fields(context);
  fields.add("explain.sender", mailbox(failure["sender"].to_text()));
  fields.add("explain.sending-ip", failure["sending_ip"].to_text());
  fields.add("explain.remote", host_and_address(failure));
  fields.add("explain.reply", reply_text(failure["reply"]));
  const auto cause = result["cause"].to_text();
  const auto side_id = "side." + result["side"].to_text();
  const auto side = context.labels(side_id);
  fields.add("explain.cause", fmt::format("{} [{}] ({})", result["title"].to_text(), cause, side),
             Style::bold);
  const auto verdict = result["verdict"].to_text();
  fields.add(
      "explain.verdict",
      fmt::format("{}: {}", context.labels("verdict." + verdict), result["reason"].to_text()),
      verdict_style(verdict));
  fields.add("explain.permanent", std::string(context.labels(permanence(result))));
  const auto time = failure["time"].to_text();
  fields.add("explain.bounced",
             time.empty() ? std::string(context.labels("explain.no-time")) : time);
  fields.add("explain.checked", result["checked"].to_text());
  const auto runner_up = result["rule"]["runner_up"].to_text();
  auto rule = result["rule"]["id"].to_text();
  if (!rule.empty() && !runner_up.empty())
    rule += fmt::format(" ({} {})", context.labels("explain.runner-up"), runner_up);
  fields.add("explain.rule", rule);
  fields.write();
}

void write_list(const TextContext& context, std::string_view label, const Value& items,
                bool numbered) {
  const auto& list = items.as_array();
  if (list.empty()) return;
  context.out.gap();
  context.out.line(2, context.labels(label), Style::bold);
  for (std::size_t i = 0; i < list.size(); ++i) {
    context.out.item(4, numbered ? fmt::format("{}.", i + 1) : "-", list[i].to_text());
  }
}

/// What decided, with what was asked and answered.
void write_deciding_evidence(const TextContext& context) {
  const auto& decided = context.report.result["decided_by"].as_array();
  bool headed = false;
  for (const auto& finding : context.report.findings) {
    const bool decides = std::any_of(decided.begin(), decided.end(),
                                     [&](const Value& id) { return id.as_string() == finding.id; });
    if (!decides) continue;
    if (!headed) {
      context.out.gap();
      context.out.line(2, context.labels("explain.evidence"), Style::bold);
      headed = true;
    }
    context.out.item(4, "-", finding.title, style_of(finding.severity));
    write_evidence(context, finding, 6);
  }
}

void write_alternatives(const TextContext& context) {
  const auto& alternatives = context.report.result["alternatives"].as_array();
  if (alternatives.empty()) return;
  context.out.gap();
  context.out.line(2, context.labels("explain.alternatives"), Style::bold);
  for (const auto& alternative : alternatives) {
    context.out.item(
        4, "-",
        fmt::format("{} [{}]: {}", alternative["title"].to_text(), alternative["cause"].to_text(),
                    alternative["findings"].to_text()));
  }
}

void write_reputation(const TextContext& context) {
  const auto& service = context.report.result["reputation"];
  if (service.is_null()) return;
  context.out.gap();
  context.out.line(2, service["title"].to_text(), Style::bold);
  context.out.line(4, service["detail"].to_text());
  for (const auto& step : service["steps"].as_array())
    context.out.item(4, "->", step.to_text(), Style::note);
}

/// The other findings: trouble always, the good ones with -v.
void write_other_findings(const TextContext& context) {
  const auto& decided = context.report.result["decided_by"].as_array();
  Report others = context.report;
  std::erase_if(others.findings, [&decided](const Finding& finding) {
    return std::any_of(decided.begin(), decided.end(),
                       [&](const Value& id) { return id.as_string() == finding.id; });
  });
  const bool any = std::any_of(others.findings.begin(), others.findings.end(),
                               [&context](const Finding& finding) {
                                 return finding.severity != Severity::ok || context.options.verbose;
                               });
  if (!any) return;
  context.out.gap();
  context.out.line(2, context.labels("explain.also-found"), Style::bold);
  write_findings({others, context.options, context.labels, context.out}, false);
}

/// A ready rule, as it must stand in a file: nothing of it is wrapped.
void write_stub(const TextContext& context) {
  const auto stub = context.report.result["stub"].to_text();
  if (stub.empty()) return;
  context.out.gap();
  context.out.line(2, context.labels("explain.stub"), Style::note);
  for (const auto line : text::split_lines(stub)) context.out.row(0, line);
}

}  // namespace

void write_explain(const TextContext& context) {
  const Value& result = context.report.result;
  const auto kind = result["kind"].to_text();
  if (result["cause"].is_null()) {  // an auto-reply, a report of success ...: nothing failed
    context.out.line(0, context.report.target, Style::bold);
    context.out.line(2, context.labels("kind." + kind));
    return;
  }
  write_heading(context);
  if (kind != "failure") context.out.line(2, context.labels("kind." + kind), Style::note);
  write_facts(context);
  if (!result["meaning"].to_text().empty()) {
    context.out.gap();
    context.out.line(2, result["meaning"].to_text());
  }
  write_deciding_evidence(context);
  write_list(context, "explain.remedy", result["remedy"], true);
  write_reputation(context);
  write_alternatives(context);
  write_other_findings(context);
  write_list(context, "explain.links", result["links"], false);
  write_stub(context);
}

}  // namespace maildiag::report
