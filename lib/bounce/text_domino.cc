// HCL (Lotus) Domino: "Your document: SUBJECT was not delivered to: RECIPIENT because: REASON", the
// labels on lines of their own or not.

#include <algorithm>
#include <array>

#include "bounce/fields.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// Domino writes in its own language; the first pair is what is met nearly always.
struct Labels {
  string_view recipients;
  string_view reason;
};
constexpr std::array<Labels, 3> languages{{{"was not delivered to:", "because:"},
                                           {"wurde nicht zugestellt an:", "weil:"},
                                           {"wurde nicht zugestellt an:", "grund:"}}};

/// Behind the reason a person is told what to do.
bool ends_reason(string_view lower) {
  return lower.starts_with("what should you do") || lower.starts_with("___") ||
         lower.starts_with("---") || lower.starts_with("routing path");
}

/// The text behind a label, up to the next empty line behind it.
std::string reason_behind(const TextReport& report, std::size_t at, std::size_t column) {
  std::string text(text::trim(report.line(at).substr(column)));
  auto i = at + 1;
  while (text.empty() && i < report.size() && report.blank(i)) ++i;
  const auto last = std::min(report.size(), i + TextReport::max_block_lines);
  for (; i < last && !report.blank(i) && !ends_reason(text::trim(report.lower(i))); ++i) {
    if (!text.empty()) text += ' ';
    text += text::trim(report.line(i));
  }
  return text;
}

/// "Error transferring to MX.EXAMPLE.COM; SMTP Protocol Returned a Permanent Error 550 ...": the
/// host.
void note_host(string_view reason, DeliveryFailure& failure) {
  constexpr string_view words = "error transferring to ";
  const auto lower = text::ascii_lower(reason);
  const auto at = lower.find(words);
  if (at == std::string::npos || !failure.remote_host.empty()) return;
  const auto host = reason.substr(at + words.size());
  failure.remote_host = host_of(host.substr(0, host.find_first_of("; ")));
}

}  // namespace

std::optional<TextResult> read_domino(const TextReport& report) {
  for (const auto& labels : languages) {
    const auto to = report.find(labels.recipients);
    const auto because = to < report.size() ? report.find(labels.reason, to) : report.size();
    if (because >= report.size()) continue;
    TextResult result;
    result.format = "domino";
    const auto column = report.lower(because).find(labels.reason) + labels.reason.size();
    const auto reason = reason_behind(report, because, column);
    if (reason.empty()) continue;
    for (auto i = to; i <= because && result.failures.size() < max_failures; ++i) {
      auto line = report.line(i);
      if (i == because) line = line.substr(0, report.lower(i).find(labels.reason));
      for (auto& address : addresses_of(line)) {
        auto failure = failure_of({std::move(address), "", reason}, "");
        note_host(reason, failure);
        result.failures.push_back(std::move(failure));
      }
    }
    if (result.failures.empty()) {
      auto failure = failure_of({"", "", reason}, "");
      note_host(reason, failure);
      result.failures.push_back(std::move(failure));
    }
    return result;
  }
  return {};
}

}  // namespace maildiag::bounce
