// SmarterMail: "Failed Recipient: ADDRESS" and "Reason: Remote host said: ..." for each recipient.

#include "bounce/fields.h"
#include "bounce/reader.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

constexpr std::string_view recipient_label = "failed recipient:";

bool names_recipient(const TextReport& report, std::size_t at) {
  return text::trim(report.lower(at)).starts_with(recipient_label);
}

}  // namespace

std::optional<TextResult> read_smartermail(const TextReport& report) {
  TextResult result;
  result.format = "smartermail";
  auto at = report.find(recipient_label);
  while (at < report.size() && result.failures.size() < max_failures) {
    if (!names_recipient(report, at)) {
      ++at;
      continue;
    }
    const auto addresses = addresses_of(text::trim(report.line(at)).substr(recipient_label.size()));
    auto end = ++at;
    while (!report.blank(end) && !names_recipient(report, end)) ++end;
    const auto reason = report.join(at, end);
    at = end;
    if (addresses.empty() || reason.empty()) continue;
    result.failures.push_back(failure_of({addresses.front(), "", reason}, ""));
  }
  if (result.failures.empty()) return {};
  return result;
}

}  // namespace maildiag::bounce
