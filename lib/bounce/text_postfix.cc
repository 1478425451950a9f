// Postfix: "This is the mail system at host ..." and a paragraph "<recipient>: reason" for each
// failure.

#include "bounce/text_report.h"

namespace maildiag::bounce {

std::optional<TextResult> read_postfix(const TextReport& report) {
  const bool postfix = report.contains("this is the mail system at host") ||
                       report.contains("this is the postfix program") ||
                       report.contains("this is the postfix mail system");
  if (!postfix) return {};
  TextResult result;
  result.format = "postfix";
  result.reporting_mta = host_after(report, "at host ");
  const bool warning = report.contains("this is a warning only") ||
                       report.contains("still being retried") ||
                       report.contains("your message could not be delivered for");
  result.kind = warning ? Kind::delay : Kind::failure;
  for (const auto& block :
       address_blocks(report, 0, report.size(), [](std::size_t) { return false; })) {
    if (block.text.empty()) continue;
    result.failures.push_back(failure_of(block, result.reporting_mta));
  }
  return result;
}

}  // namespace maildiag::bounce
