// Exim: "A message that you sent could not be delivered ...", recipients on lines of their own,
// reasons indented below.

#include <algorithm>
#include <array>

#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

constexpr std::array<string_view, 5> introductions{
    "this message was created automatically by mail delivery software",
    "a message that you sent could not be delivered to",
    "a message that you sent has not yet been delivered",
    "message that you sent was rejected by",
    "smtp error from remote mail",
};

}  // namespace

std::optional<TextResult> read_exim(const TextReport& report) {
  const bool exim = std::any_of(introductions.begin(), introductions.end(),
                                [&](string_view words) { return report.contains(words); });
  if (!exim) return {};
  TextResult result;
  result.format = "exim";
  result.reporting_mta = host_after(report, "on the queue on ");
  const bool delayed = report.contains("has not yet been delivered") ||
                       report.contains("no action is required on your part") ||
                       report.contains("delay reason:");
  result.kind = delayed ? Kind::delay : Kind::failure;
  const auto failed =
      std::min(report.find("address(es) failed"), report.find("not yet been delivered is"));
  const auto from = failed < report.size() ? failed + 1 : 0;
  for (const auto& block :
       address_blocks(report, from, report.size(), [](std::size_t) { return false; })) {
    auto failure = failure_of(block, result.reporting_mta);
    constexpr string_view reason = "Delay reason: ";
    if (failure.reply.text.starts_with(reason)) failure.reply.text.erase(0, reason.size());
    result.failures.push_back(std::move(failure));
  }
  if (result.failures.empty()) {
    const auto at = report.find("smtp error from remote mail");
    if (at < report.size()) {
      auto end = at;
      while (!report.blank(end)) ++end;
      AddressBlock block;
      block.text = report.join(at, end);
      if (const auto address = find_address(block.text)) block.recipient = address->address;
      result.failures.push_back(failure_of(block, result.reporting_mta));
    }
  }
  for (const auto value : report.header().all("X-Failed-Recipients")) {
    for (auto& address : addresses_of(value)) {
      const bool known = std::any_of(
          result.failures.begin(), result.failures.end(), [&](const DeliveryFailure& f) {
            return text::equals_ignore_case(f.recipient, address) ||
                   text::equals_ignore_case(f.original_recipient, address);
          });
      if (known || result.failures.size() != 1 || !result.failures[0].recipient.empty()) continue;
      result.failures[0].recipient = std::move(address);
    }
  }
  return result;
}

}  // namespace maildiag::bounce
