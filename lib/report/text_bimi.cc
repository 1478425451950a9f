#include <string>

#include <fmt/format.h>

#include "report/text.h"

namespace maildiag::report {

namespace {

/// "reject (example.com)"
std::string author_policy(const Value& dmarc) {
  const auto policy = dmarc["policy"].to_text();
  return policy.empty() ? "" : fmt::format("{} ({})", policy, dmarc["found_at"].to_text());
}

/// "SVG 1.2 tiny-ps, 0 0 64 64, 1234"
std::string indicator_text(const Value& indicator) {
  if (indicator.is_null()) return {};
  return fmt::format("SVG {} {}, {}, {} B", indicator["version"].to_text(),
                     indicator["base_profile"].to_text(), indicator["view_box"].to_text(),
                     indicator["octets"].to_text());
}

}  // namespace

void write_bimi(const TextContext& context) {
  const Value& result = context.report.result;
  write_fields(context, {{"check.record", result["record"].to_text()},
                         {"check.found-at", result["found_at"].to_text()},
                         {"check.location", result["location"].to_text()},
                         {"check.evidence", result["evidence"].to_text()},
                         {"check.dmarc", author_policy(result["dmarc"])},
                         {"check.indicator", indicator_text(result["indicator"])}});
}

}  // namespace maildiag::report
