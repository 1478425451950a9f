#include "bounce/given_up.h"

#include <string>

#include "bounce/given_up_english.h"
#include "bounce/given_up_korean.h"
#include "core/text.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::holds_any;

/// Without one of these nothing is given up: replies come by the million, and most have none.
constexpr auto giving_stems = std::to_array<string_view>(
    {"return", "bounced", "undeliver", "give",   "gave",   "giving", "stopped", "ceased",
     "retr",   "queue",   "반송",      "포기",   "최종",   "않",     "없",      "안 ",
     "안합",   "안함",    "중단",      "대기열", "재시도", "재전송", "재발송",  "재배달"});
constexpr auto denying_stems =
    std::to_array<string_view>({"no ", "not ", "n't", "n’t", "cannot", "never", "without"});
constexpr auto own_stems = std::to_array<string_view>({"going to ", " too long"});

bool says_given_up(string_view text) {
  if (!holds_any(text, giving_stems) && !holds_any(text, denying_stems)) return false;
  const auto clauses = text::clauses_of(text);
  return std::ranges::any_of(
      clauses, [](const text::Words& words) { return gives_up(words, text::compact(words)); });
}

bool ends_queue_of_sender(string_view text) {
  return holds_any(text, own_stems) && std::ranges::any_of(text::clauses_of(text), ends_own_queue);
}

}  // namespace

bool gives_up(const text::Words& words, const text::Compact& korean) {
  return gives_up_in_english(words) || gives_up_in_korean(korean.text);
}

bool announces_return(const text::Words& words, const text::Compact& korean) {
  return announces_return_in_english(words) || announces_return_in_korean(korean.text);
}

void settle_action(bool returned, DeliveryFailure& failure) {
  const auto& reply = failure.reply;
  const bool for_good = reply.code >= 500 || (reply.code == 0 && reply.status.starts_with('5'));
  if (failure.action != Action::failed || for_good || returned) return;
  // What a server says that may be asked again is not about its client's tries. A status without a
  // code is the sending server's own, and so are words that are no part of the reply.
  const bool given_up = ends_queue_of_sender(reply.raw) ||
                        (reply.code < 400 && says_given_up(text::ascii_lower(reply.text)));
  if (!given_up) failure.action = Action::unknown;
}

}  // namespace maildiag::bounce
