/// The text form of a report. Reads the Report and knows nothing else.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <maildiag/render.h>
#include <maildiag/report.h>

#include "report/layout.h"

namespace maildiag::report {

std::string render_text(const Report& report, const TextOptions& options, const Labels& labels);

/// Parts, one a file:
struct TextContext {
  const Report& report;
  const TextOptions& options;
  const Labels& labels;
  Layout& out;

  std::string label(std::string_view id) const { return std::string(labels(id)); }
};
void write_explain(const TextContext& context);
void write_summary(const TextContext& context);  ///< explain --summary, summary merge
void write_stats(const TextContext& context, const Value& stats);
void write_check_result(const TextContext& context);  ///< the tables of the checks
/// `whole`: the way up the tree, too.
void write_dmarc(const TextContext& context, const Value& result, bool whole);
void write_message_auth(const TextContext& context);  ///< dmarccheck --message
void write_bulk(const TextContext& context);          ///< dmarccheck --bulk
void write_domain(const TextContext& context);        ///< mxcheck, report
void write_bimi(const TextContext& context);
void write_lookup(const TextContext& context);
void write_tls(const TextContext& context);   ///< tlscheck
void write_smtp(const TextContext& context);  ///< with the transcript where it is verbose
void write_whois(const TextContext& context);
void write_watch(const TextContext& context);      ///< what changed, as a mail
void write_history(const TextContext& context);    ///< watch history
void write_rules(const TextContext& context);      ///< rules list, show, test
void write_catalogue(const TextContext& context);  ///< findings
/// "Label  text" lines, (label id, text), the texts in one column; empty ones are left out.
void write_fields(const TextContext& context,
                  const std::vector<std::pair<const char*, std::string>>& fields);
void write_config(const TextContext& context);  ///< config check, show
void write_findings(const TextContext& context, bool with_ok);
void write_evidence(const TextContext& context, const Finding& finding, std::size_t indent);
/// "NAME TYPE -> ANSWER (SERVER, MS)" of an evidence's data.
std::string evidence_line(const Value& data);

}  // namespace maildiag::report
