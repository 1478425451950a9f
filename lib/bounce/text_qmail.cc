// qmail-send, netqmail and others of its words (Yahoo): paragraphs "<recipient>:" with the remote
// host's lines below.

#include <algorithm>
#include <array>

#include "bounce/dsn.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

constexpr std::array<string_view, 9> qmail_introductions{
    "qmail-send program",
    "wasn't able to deliver your message to the following address",
    "this is a permanent error; i've given up",
    "message from  yahoo",
    "message from yahoo",
    "we were unable to deliver your message to the following address",
    "unable to deliver message to the following address",
    "failed after i sent the message",
    "remote host said:",
};

/// Lines of the preamble, and the ends of a sentence that was wrapped.
bool is_preamble(string_view lower) {
  static constexpr std::array<string_view, 8> words{
      "hi. this is the",           "i'm afraid i wasn't able", "wasn't able to deliver",
      "this is a permanent error", "sorry it didn't work",     "message from  yahoo",
      "unable to deliver",         "message from yahoo"};
  return std::any_of(words.begin(), words.end(),
                     [&](string_view w) { return lower.find(w) != string_view::npos; });
}

/// What qmail-remote says when no recipient's paragraph is left to tell where it begins.
AddressBlock block_without_recipient(const TextReport& report) {
  AddressBlock block;
  // With several reports in one text the first decides.
  const auto said = report.find("remote host said:");
  std::size_t begin = said < report.size() && said > 0 && !report.blank(said - 1) ? said - 1 : said;
  if (begin >= report.size()) {
    begin = 0;
    for (std::size_t i = 0; i < report.size(); ++i) {
      if (is_preamble(report.lower(i))) begin = i + 1;
    }
    while (begin < report.size() && report.blank(begin)) ++begin;
  }
  auto end = begin;
  while (end < report.size() && !report.blank(end) && end - begin < TextReport::max_block_lines) {
    ++end;
    if (report.lower(end - 1).find("giving up on") != string_view::npos) break;
    if (report.lower(end - 1).find("not going to try again") != string_view::npos) break;
  }
  block.text = report.join(begin, end);
  if (begin < report.size() && is_preamble(report.lower(begin)))
    block.text = report.join(begin + 1, end);
  const auto address = find_address(report.all_lower().substr(0, 4000));
  if (address && report.all_lower()[address->begin] == '<') block.recipient = address->address;
  return block;
}

}  // namespace

std::optional<TextResult> read_qmail(const TextReport& report) {
  const bool qmail = std::any_of(qmail_introductions.begin(), qmail_introductions.end(),
                                 [&](string_view words) { return report.contains(words); });
  if (!qmail) return {};
  TextResult result;
  result.format = "qmail";
  result.reporting_mta = host_after(report, "program at ");
  const auto goes_on = [&](std::size_t i) {
    const auto lower = text::trim(report.lower(i));
    return read_reply_head(lower) || lower.starts_with("remote host said") ||
           lower.starts_with("giving up on") || lower.starts_with("i'm not going to") ||
           lower.find("connected to ") != string_view::npos;
  };
  for (auto& block : address_blocks(report, 0, report.size(), goes_on)) {
    // An address without a reason is a field of a forwarded header, or a name in a signature.
    if (block.text.empty()) continue;
    result.failures.push_back(failure_of(block, result.reporting_mta));
  }
  if (result.failures.empty()) {
    auto failure = failure_of(block_without_recipient(report), result.reporting_mta);
    if (!failure.reply.text.empty() || failure.reply.code != 0)
      result.failures.push_back(std::move(failure));
  }
  return result;
}

}  // namespace maildiag::bounce
