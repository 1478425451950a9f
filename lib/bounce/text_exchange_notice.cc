// Exchange 5.5 to 2003 where no diagnostic stands behind a recipient: "did not reach the following
// recipient(s):", lines "RECIPIENT on DATE", and the reason further right below each.

#include <algorithm>
#include <array>

#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

constexpr std::array<string_view, 6> exchange_introductions{
    "did not reach the following recipient(s)",       "following recipient(s) could not be reached",
    "following recipient(s) cannot be reached",       "folgende(r) empfänger kann/können nicht",
    "folgende(r) empfänger konnte(n) nicht erreicht", "los siguientes destinatarios no"};

/// Columns up to the first word; a tab counts as more than any blanks that these notices write.
std::size_t columns_before(string_view line) {
  std::size_t columns = 0;
  for (const char c : line) {
    if (c != ' ' && c != '\t') break;
    columns += c == '\t' ? 8 : 1;
  }
  return columns;
}

/// Identifies the message for Exchange's own tracking and says nothing about the reason.
bool is_tracking(string_view lower) {
  return text::trim(lower).starts_with("the mts-id of the original message is");
}

AddressBlock read_recipient(const TextReport& report, std::size_t& at, std::size_t margin) {
  AddressBlock block;
  if (const auto found = find_address(report.line(at))) block.recipient = found->address;
  for (++at; !report.blank(at) && columns_before(report.line(at)) > margin; ++at) {
    if (is_tracking(report.lower(at)) || block.text.size() > max_reply_bytes) continue;
    if (!block.text.empty()) block.text += '\n';
    block.text += text::trim(report.line(at));
  }
  return block;
}

}  // namespace

std::optional<TextResult> read_exchange_notice(const TextReport& report) {
  auto at = report.size();
  for (const auto words : exchange_introductions) at = std::min(at, report.find(words));
  if (at >= report.size()) return {};
  TextResult result;
  result.format = "exchange";
  ++at;
  while (at < report.size() && report.blank(at)) ++at;
  const auto margin = columns_before(report.line(at));
  while (at < report.size() && result.failures.size() < max_failures) {
    if (report.blank(at)) {
      ++at;
      continue;
    }
    if (columns_before(report.line(at)) < margin) break;
    const auto block = read_recipient(report, at, margin);
    if (!block.text.empty()) result.failures.push_back(failure_of(block, ""));
  }
  for (auto& failure : result.failures) failure.remote_greeted = true;
  return result;
}

}  // namespace maildiag::bounce
