#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "report/domain_topics.h"
#include "report/html.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

/// Answers to one question that a page holds: it is read, not stored.
constexpr std::size_t max_evidence = 50;
/// More of what is in order is folded.
constexpr std::size_t most_good = 8;

std::vector<const Finding*> of_severity(const Report& report, Severity severity) {
  std::vector<const Finding*> found;
  for (const auto& finding : report.findings) {
    if (finding.severity == severity) found.push_back(&finding);
  }
  return found;
}

void write_evidence_list(const HtmlContext& context, const Finding& finding) {
  std::string lines;
  std::size_t count = 0;
  for (const auto& evidence : finding.evidence) {
    if (evidence.data.is_null() || count == max_evidence) continue;
    lines += fmt::format("<li><code>{}</code></li>", escaped(evidence_line(evidence.data)));
    ++count;
  }
  if (count == 0) return;
  context.out.markup("<details><summary>{} ({})</summary><ul class=\"evidence\">{}</ul></details>",
                     word(context, "page.evidence"), count, lines);
}

void write_finding(const HtmlContext& context, const Finding& finding) {
  context.out.markup("<article class=\"finding {}\"><h4>{}</h4>", to_string(finding.severity),
                     escaped(finding.title));
  if (!finding.detail.empty()) context.out.markup("<p>{}</p>", escaped(finding.detail));
  if (!finding.remedy.empty()) {
    context.out.markup("<ol>");
    for (const auto& step : finding.remedy) context.out.markup("<li>{}</li>", escaped(step));
    context.out.markup("</ol>");
  }
  if (!finding.reference.empty())
    context.out.markup("<p class=\"soft small\">{}</p>", escaped(finding.reference));
  write_evidence_list(context, finding);
  context.out.markup("</article>\n");
}

void write_group(const HtmlContext& context, Severity severity) {
  const auto findings = of_severity(context.report, severity);
  if (findings.empty()) return;
  context.out.markup("<h3 class=\"group\">{}{} ({})</h3>\n", icon(severity),
                     word(context, fmt::format("severity.{}", to_string(severity))),
                     findings.size());
  for (const auto* finding : findings) write_finding(context, *finding);
}

/// What is in order needs no more than its title.
void write_good(const HtmlContext& context) {
  const auto findings = of_severity(context.report, Severity::ok);
  if (findings.empty()) return;
  const bool folded = findings.size() > most_good;
  context.out.markup("<h3 class=\"group\">{}{} ({})</h3>\n", icon(Severity::ok),
                     word(context, "severity.ok"), findings.size());
  if (folded) context.out.markup("<details><summary>{}</summary>", word(context, "page.show-all"));
  context.out.markup("<ul class=\"plain\">");
  for (const auto* finding : findings)
    context.out.markup("<li>{}<span>{}</span></li>\n", icon(Severity::ok), escaped(finding->title));
  context.out.markup("</ul>{}\n", folded ? "</details>" : "");
}

}  // namespace

void write_findings(const HtmlContext& context) {
  context.out.markup("<section id=\"findings\"><h2>{}</h2>\n", word(context, "page.findings"));
  for (const auto severity :
       {Severity::critical, Severity::warning, Severity::unknown, Severity::info})
    write_group(context, severity);
  write_good(context);
  context.out.markup("</section>\n");
}

}  // namespace maildiag::report
