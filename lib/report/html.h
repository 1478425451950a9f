/// Reports as pages that need nothing else: no script, no network.
#pragma once

#include <string>

#include <maildiag/language.h>
#include <maildiag/report.h>

#include "report/html_writer.h"
#include "report/layout.h"

namespace maildiag::report {

/// REQUIRES: a report of `report`, `mxcheck` or `watch history`.
std::string render_html(const Report& report, Language language, const Labels& labels);

/// The first lines of any page. `title` is escaped here.
void write_page_head(HtmlWriter& out, Language language, std::string_view title,
                     std::string_view style);

/// Parts, one a file:
struct HtmlContext {
  const Report& report;
  const Labels& labels;
  HtmlWriter& out;
};
std::string render_history(const Report& report, Language language, const Labels& labels);
std::string render_domain(const Report& report, Language language, const Labels& labels);
void write_findings(const HtmlContext& context);   ///< by severity, with what to do
void write_mail_path(const HtmlContext& context);  ///< domain, exchangers, addresses, names
void write_servers(const HtmlContext& context);    ///< greetings, TLS, certificates
void write_spf_tree(const HtmlContext& context);
void write_dmarc(const HtmlContext& context);
void write_dkim(const HtmlContext& context);
void write_transport(const HtmlContext& context);  ///< MTA-STS, TLS-RPT
void write_list_grid(const HtmlContext& context);
void write_name_servers(const HtmlContext& context);

/// A label, escaped.
inline std::string word(const HtmlContext& context, std::string_view id) {
  return escaped(context.labels(id));
}
/// "<dt>...<dd>..."; nothing where there is no text.
void write_fact(const HtmlContext& context, std::string_view label, std::string_view text,
                bool code = false);

}  // namespace maildiag::report
