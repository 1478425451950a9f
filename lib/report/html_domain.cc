#include <string>

#include <fmt/format.h>

#include "core/clock.h"
#include "report/domain_topics.h"
#include "report/html.h"
#include "report/html_style.h"

namespace maildiag::report {

namespace {

/// "2026-11-22 03:53 UTC"
std::string when(WallTime time) {
  const auto text = to_rfc3339(time);
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

void write_header(const HtmlContext& context) {
  const auto& report = context.report;
  const auto status = to_string(report.status);
  context.out.markup("<header><p class=\"eyebrow\">{}</p>\n<h1>{}</h1>\n",
                     word(context, "page.title"), escaped(report.target));
  context.out.markup(
      "<p class=\"verdict\"><span class=\"badge {0}\">{1}{2}</span><span>{3}</span></p>\n", status,
      icon(report.status), word(context, fmt::format("severity.{}", status)),
      word(context, fmt::format("page.verdict.{}", status)));
}

/// One tile a topic, which leads to its section.
void write_glance(const HtmlContext& context) {
  context.out.markup("<nav class=\"glance\" aria-label=\"{}\">\n", word(context, "page.glance"));
  for (const auto topic : domain_topics) {
    const auto findings = findings_of(context.report, topic);
    if (findings.empty()) continue;
    const auto worst = worst_of(findings);
    const auto place =
        topic == DomainTopic::other ? std::string_view("findings") : to_string(topic);
    context.out.markup("<a href=\"#{}\"><b>{}</b><span class=\"s-{}\">{}{}</span></a>\n", place,
                       word(context, fmt::format("domain.{}", to_string(topic))), to_string(worst),
                       icon(worst), word(context, fmt::format("severity.{}", to_string(worst))));
  }
  context.out.markup("</nav></header>\n");
}

using WritePart = void (*)(const HtmlContext&);

WritePart part_of(DomainTopic topic) {
  switch (topic) {
    case DomainTopic::exchangers:
      return write_mail_path;
    case DomainTopic::servers:
      return write_servers;
    case DomainTopic::spf:
      return write_spf_tree;
    case DomainTopic::dmarc:
      return write_dmarc;
    case DomainTopic::dkim:
      return write_dkim;
    case DomainTopic::transport:
      return write_transport;
    case DomainTopic::lists:
      return write_list_grid;
    case DomainTopic::name_servers:
      return write_name_servers;
    case DomainTopic::other:
      break;
  }
  return nullptr;
}

void write_sections(const HtmlContext& context) {
  for (const auto topic : domain_topics) {
    const auto findings = findings_of(context.report, topic);
    const auto write = part_of(topic);
    if (findings.empty() || write == nullptr) continue;
    context.out.markup("<section id=\"{}\"><h2>{}{}</h2>\n", to_string(topic),
                       icon(worst_of(findings)),
                       word(context, fmt::format("domain.{}", to_string(topic))));
    write(context);
    context.out.markup("</section>\n");
  }
}

void write_footer(const HtmlContext& context) {
  const auto& report = context.report;
  context.out.markup("<footer>{}: {} · {} ms", word(context, "page.made"), when(report.started),
                     report.elapsed_ms);
  const auto resolver = report.result["resolver"].to_text();
  if (!resolver.empty())
    context.out.markup(" · {}: {}", word(context, "check.resolver"), escaped(resolver));
  context.out.markup(" · maildiag</footer>\n");
}

}  // namespace

std::string render_domain(const Report& report, Language language, const Labels& labels) {
  HtmlWriter out;
  const HtmlContext context{report, labels, out};
  write_page_head(out, language, fmt::format("{} - {}", report.target, labels("page.title")),
                  page_style);
  out.markup("<body>{}<main>\n", page_icons);
  write_header(context);
  write_glance(context);
  write_findings(context);
  write_sections(context);
  write_footer(context);
  out.markup("</main></body></html>");
  return out.take();
}

}  // namespace maildiag::report
