#include <string>

#include <fmt/format.h>

#include "report/text.h"

namespace maildiag::report {

namespace {

/// "reject (p)", "quarantine (p, t=y)", "none"
std::string record_policy(const Value& result) {
  std::string text = result["policy"].to_text();
  const auto tag = result["policy_tag"].to_text();
  if (text.empty() || tag.empty()) return text;
  return fmt::format("{} ({}{})", text, tag, result["test_mode"].as_bool() ? ", t=y" : "");
}

std::string alignment_text(const Value& result) {
  const auto adkim = result["adkim"].to_text(), aspf = result["aspf"].to_text();
  return adkim.empty() ? "" : fmt::format("DKIM {}, SPF {}", adkim, aspf);
}

}  // namespace

void write_dmarc(const TextContext& context, const Value& result, bool whole) {
  write_fields(context, {{"check.policy", record_policy(result)},
                         {"check.record", result["record"].to_text()},
                         {"check.found-at", result["found_at"].to_text()},
                         {"check.organizational-domain", result["organizational_domain"].to_text()},
                         {"check.alignment", alignment_text(result)}});
  const auto& steps = result["walk"].as_array();
  if (steps.empty() || !whole) return;
  context.out.line(2, context.labels("check.tree-walk"), Style::dim);
  for (const auto& step : steps) {
    auto answer = step["record"].to_text();
    if (answer.empty()) answer = step["outcome"].to_text();
    context.out.line(4, fmt::format("{} -> {}", step["name"].to_text(), answer), Style::dim, 2);
  }
}

}  // namespace maildiag::report
