#include "report/text.h"

#include <utility>

#include <fmt/format.h>

namespace maildiag::report {

namespace {

std::string severity_marker(Severity severity, const Labels& labels) {
  return fmt::format("[{}]", labels(fmt::format("severity.{}", to_string(severity))));
}

}  // namespace

std::string evidence_line(const Value& data) {
  if (data["kind"].as_string() != "dns") return data["text"].to_text();
  std::string records;
  for (const auto& record : data["records"].as_array()) {
    if (!records.empty()) records += " | ";
    records += record.to_text();
  }
  std::string answer = records.empty() ? data["outcome"].to_text() : records;
  std::string source = data["server"].to_text();
  if (data.find("ms") != nullptr) source += fmt::format(", {} ms", data["ms"].to_text());
  return fmt::format("{} {} -> {} ({})", data["name"].to_text(), data["type"].to_text(), answer,
                     source);
}

void write_evidence(const TextContext& context, const Finding& finding, std::size_t indent) {
  for (const auto& evidence : finding.evidence) {
    if (!evidence.data.is_null())
      context.out.line(indent, evidence_line(evidence.data), Style::dim, 2);
  }
}

void write_findings(const TextContext& context, bool with_ok) {
  const bool verbose = context.options.verbose;
  for (const auto& finding : context.report.findings) {
    const bool good = finding.severity == Severity::ok;
    if (good && !with_ok && !verbose) continue;
    context.out.item(2, severity_marker(finding.severity, context.labels), finding.title,
                     style_of(finding.severity));
    if (!good || verbose) {
      if (!finding.detail.empty()) context.out.line(6, finding.detail);
      for (const auto& step : finding.remedy) context.out.item(6, "->", step, Style::note);
      if (!finding.reference.empty()) context.out.line(6, finding.reference, Style::dim);
    }
    if (verbose) write_evidence(context, finding, 6);
  }
}

std::string render_text(const Report& report, const TextOptions& options, const Labels& labels) {
  Layout out(options.width, options.color);
  const TextContext context{report, options, labels, out};
  if (report.schema == summary_schema) {
    write_summary(context);
  } else if (report.schema == stats_schema) {
    write_stats(context, report.result);
  } else if (report.command == "explain") {
    write_explain(context);
  } else if (report.command == "watch") {
    write_watch(context);
  } else if (report.command == "watch history") {
    write_history(context);
  } else if (report.command.starts_with("rules ")) {
    write_rules(context);
  } else if (report.command == "findings") {
    write_catalogue(context);
  } else if (report.command.starts_with("config ")) {
    write_config(context);
  } else {
    out.item(0, severity_marker(report.status, labels),
             fmt::format("{} {}", report.command, report.target), style_of(report.status));
    if (report.command == "mxcheck" || report.command == "report") {
      write_domain(context);
    } else {
      write_check_result(context);
      write_findings(context, true);
    }
  }
  return out.take();
}

}  // namespace maildiag::report
