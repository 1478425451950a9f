#include "bounce/given_up.h"

#include <algorithm>
#include <string>

#include "core/text.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::begins_any;
using text::Compact;
using text::holds_any;
using text::is_any;

// ---- English

constexpr auto giving_verbs =
    std::to_array<string_view>({"give", "gives", "giving", "gave", "given"});
constexpr auto further_words = std::to_array<string_view>(
    {"additional", "another", "further", "more", "new", "other", "subsequent"});
constexpr auto try_kinds = std::to_array<string_view>(
    {"automatic", "delivery", "re-delivery", "redelivery", "retry", "send", "sending"});
constexpr auto try_nouns = std::to_array<string_view>(
    {"attempt", "attempts", "redelivery", "retries", "retry", "retrying", "tries"});
constexpr auto willing = std::to_array<string_view>({"will", "shall"});
constexpr auto unwilling = std::to_array<string_view>({"won't", "won’t"});
constexpr auto refusal_fillers =
    std::to_array<string_view>({"again", "any", "automatically", "be", "ever", "even", "further"});
constexpr auto retry_verbs =
    std::to_array<string_view>({"re-attempted", "re-sent", "reattempted", "redelivered", "resend",
                                "resending", "resent", "retried", "retry", "retrying"});
constexpr auto tried_verbs = std::to_array<string_view>(
    {"attempt", "attempted", "deliver", "delivered", "send", "sent", "tried", "try", "trying"});
/// Up to a time: "will not be retried until tomorrow", "no further attempts for 4 hours".
constexpr auto until_when =
    std::to_array<string_view>({"before", "for", "if", "than", "unless", "until", "within"});
constexpr auto condition_words = std::to_array<string_view>(
    {"if", "may", "might", "once", "unless", "until", "when", "whenever", "would"});
constexpr auto being_verbs =
    std::to_array<string_view>({"are", "been", "being", "is", "was", "were"});
constexpr auto mail_nouns =
    std::to_array<string_view>({"e-mail", "e-mails", "email", "emails", "it", "letter", "mail",
                                "mails", "message", "messages"});
/// "the error was returned": not the message.
constexpr auto answer_nouns = std::to_array<string_view>(
    {"address", "answer", "code", "error", "errors", "lookup", "nxdomain", "query", "record",
     "records", "reply", "response", "result", "status"});
constexpr auto who_sent =
    std::to_array<string_view>({"originator", "sender", "senders", "you", "your"});
/// "will not be retried by this server until tomorrow": how far off what limits it may stand.
constexpr std::size_t max_until_limit = 8;
/// "no further automatic delivery attempts" has three.
constexpr std::size_t max_try_fillers = 4;

string_view nth_word(const text::Words& words, std::size_t at) {
  return at < words.size() ? string_view(words[at]) : string_view();
}

bool is_plain_not(string_view one) {
  return one == "not" || one == "never" || one.ends_with("n't") || one.ends_with("n’t");
}

template <std::size_t Size>
bool soon_holds(const text::Words& words, std::size_t at, const text::Parts<Size>& wanted) {
  const auto end = std::min(at + max_until_limit, words.size());
  for (auto i = at; i < end; ++i)
    if (is_any(words[i], wanted)) return true;
  return false;
}

bool has_limit(const text::Words& words, std::size_t at) {
  return soon_holds(words, at, until_when);
}

/// "giving up", and not "not giving up yet".
bool gives_up_at(const text::Words& words, std::size_t at) {
  if (!is_any(words[at], giving_verbs) || nth_word(words, at + 1) != "up") return false;
  for (auto i = at - std::min<std::size_t>(at, 3); i < at; ++i)
    if (is_plain_not(words[i]) || is_any(words[i], condition_words) || words[i] == "before")
      return false;
  return true;
}

/// "no further delivery attempts", "no retries will be made".
bool denies_tries(const text::Words& words, std::size_t at) {
  if (words[at] != "no" && words[at] != "without") return false;
  bool more = false;
  auto i = at + 1;
  for (; i < std::min(at + 1 + max_try_fillers, words.size()); ++i) {
    if (is_any(words[i], further_words)) {
      more = true;
    } else if (!is_any(words[i], try_kinds) || !is_any(nth_word(words, i + 1), try_nouns)) {
      break;
    }
  }
  if (!is_any(nth_word(words, i), try_nouns) || has_limit(words, i + 1)) return false;
  return more || nth_word(words, i + 1) == "will";
}

/// "will not be retried", "won't try again", "retrying will not be attempted".
bool refuses_try(const text::Words& words, std::size_t at) {
  const bool refused =
      is_any(words[at], unwilling) ||
      ((words[at] == "not" || words[at] == "never") && at > 0 && is_any(words[at - 1], willing));
  if (!refused) return false;
  auto i = at + 1;
  while (is_any(nth_word(words, i), refusal_fillers)) ++i;
  if (has_limit(words, i)) return false;
  if (is_any(nth_word(words, i), retry_verbs)) return true;
  if (!is_any(nth_word(words, i), tried_verbs)) return false;
  for (auto j = at - std::min<std::size_t>(at, 4); j < at; ++j)
    if (is_any(words[j], try_nouns) || words[j] == "resending") return true;
  const auto end = std::min(i + 1 + max_try_fillers, words.size());
  return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(std::min(i + 1, end)),
                     words.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const std::string& one) { return one == "again"; });
}

/// What the words up to here have said.
struct SeenWords {
  bool condition = false, mail = false, answer = false;
};

/// "your message was returned", "returned to you"; not "the lookup returned an error".
bool returns_at(const text::Words& words, std::size_t at, const SeenWords& seen) {
  const auto before = at > 0 ? string_view(words[at - 1]) : string_view();
  if (words[at] == "undeliverable" || words[at] == "undelivered")
    return at == 0 && is_any(nth_word(words, 1), mail_nouns);
  if (words[at] != "returned" && words[at] != "bounced") return false;
  if (seen.condition || soon_holds(words, at, condition_words) || before == "be" ||
      is_plain_not(before) || (at > 1 && is_plain_not(words[at - 2])))
    return false;
  const auto next = nth_word(words, at + 1);
  const auto to = nth_word(words, at + 2);
  if (next == "to" && (is_any(to, who_sent) || is_any(nth_word(words, at + 3), who_sent)))
    return true;
  if (next == "back" || (at == 0 && is_any(next, mail_nouns))) return true;
  if (is_any(before, being_verbs)) return seen.mail && !seen.answer && next != "by" && next != "to";
  return next.empty() && is_any(before, mail_nouns) && before != "it";
}

bool gives_up_in_english(const text::Words& words) {
  SeenWords seen;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (gives_up_at(words, i) || denies_tries(words, i) || refuses_try(words, i) ||
        returns_at(words, i, seen))
      return true;
    seen.condition = seen.condition || is_any(words[i], condition_words);
    seen.mail = seen.mail || is_any(words[i], mail_nouns);
    seen.answer = seen.answer || is_any(words[i], answer_nouns);
  }
  return false;
}

// ---- Korean

constexpr std::size_t syllable = 3;  // octets
/// Behind "반송": it has been done. "반송될 수", "반송된 메일이 많아", "반송 주소" say nothing of
/// this one.
constexpr auto returned_ends = std::to_array<string_view>(
    {"되었", "됐",   "됩",   "됨",   "되어", "돼",   "되며", "되고", "하였", "했",  "합니다",
     "함",   "하며", "하고", "하여", "처리", "시켰", "시킵", "드립", "사유", "이유"});
constexpr auto if_words =
    std::to_array<string_view>({"으면", "되면", "하면", "경우", "을때", "할때", "될때", "시에는",
                                "후에반송", "뒤에반송", "후반송", "뒤반송", "시반송", "실패시"});
constexpr auto no_giving_up = std::to_array<string_view>(
    {"포기하지않", "포기하지마", "포기하지말", "포기하기전", "포기할때", "포기하면", "포기전"});
constexpr auto tries_in_korean =
    std::to_array<string_view>({"재발송", "재전송", "재시도", "재배달", "시도", "다시보내",
                                "다시발송", "다시전송", "다시배달"});
/// "재시도하지", "재전송은 되지", "재시도가 이루어지지".
constexpr auto doing_not = std::to_array<string_view>(
    {"하지않",   "되지않",         "지않",           "을하지않",       "를하지않",       "은하지않",
     "는하지않", "도하지않",       "은되지않",       "는되지않",       "도되지않",       "이되지않",
     "가되지않", "은이루어지지않", "는이루어지지않", "이이루어지지않", "가이루어지지않", "없이",
     "안합",     "안함",           "는없",           "가없",           "은없",           "이없"});
/// "재시도하지 않으면", "않아도": if not, even if not.
constexpr auto if_not = std::to_array<string_view>(
    {"으면", "을", "는다면", "는경우", "아도", "으시면", "도록", "은메일", "는메일", "은서버",
     "는서버", "은ip", "는ip", "은스팸", "는스팸", "은발송", "는발송"});
/// "10분 동안은 자동으로 재시도하지 않습니다": what limits it stands before.
constexpr auto until_words =
    std::to_array<string_view>({"까지", "동안", "분간", "시간은", "전에", "이내", "로그인"});
constexpr std::size_t reach_of_until = 8 * syllable;
constexpr auto last_ends =
    std::to_array<string_view>({"실패", "적으로실패", "반송", "적으로반송", "배달실패", "전송실패",
                                "발송실패", "전달실패", "배송실패"});

/// True if `holds` of what stands behind one of the places of `part`, and of what stands before.
template <class Holds>
bool any_place(string_view text, string_view part, const Holds& holds) {
  for (auto at = text.find(part); at != string_view::npos; at = text.find(part, at + 1))
    if (holds(text.substr(0, at), text.substr(at + part.size()))) return true;
  return false;
}

bool refuses_tries_in_korean(string_view text) {
  return std::ranges::any_of(tries_in_korean, [text](string_view part) {
    return any_place(text, part, [](string_view before, string_view behind) {
      if (holds_any(before.substr(before.size() - std::min(before.size(), reach_of_until)),
                    until_words))
        return false;
      return std::ranges::any_of(doing_not, [behind](string_view end) {
        return behind.starts_with(end) && !begins_any(behind.substr(end.size()), if_not);
      });
    });
  });
}

bool gives_up_in_korean(string_view text) {
  if (text.find("포기") != string_view::npos && !holds_any(text, no_giving_up)) return true;
  if (refuses_tries_in_korean(text)) return true;
  if (any_place(text, "최종",
                [](string_view, string_view behind) { return begins_any(behind, last_ends); }))
    return true;
  // "72시간 안에 전달되지 않으면 반송됩니다": what a delay announces.
  const auto condition =
      std::ranges::min(if_words, {}, [text](string_view part) { return text.find(part); });
  return any_place(text.substr(0, text.find(condition)), "반송", [](auto, string_view behind) {
    return behind.empty() || begins_any(behind, returned_ends);
  });
}

// ---- what is known of one failure

/// Words to a person that his message did not arrive.
constexpr auto undelivered_words =
    std::to_array<string_view>({"undeliverable mail",
                                "undeliverable message",
                                "undeliverable:",
                                "undelivered mail",
                                "undelivered message",
                                "returned mail",
                                "returned to",
                                "failure notice",
                                "delivery failed",
                                "delivery has failed",
                                "delivery failure",
                                "delivery status notification (failure)",
                                "could not be delivered",
                                "was not delivered",
                                "not been delivered",
                                "반송",
                                "전송 실패",
                                "전송실패",
                                "배달 실패",
                                "배달실패",
                                "발송 실패",
                                "발송실패",
                                "전달 실패",
                                "배달하지 못",
                                "전달하지 못",
                                "전송하지 못",
                                "전달되지 못",
                                "전송되지 못",
                                "배달되지 못",
                                "전송되지 않았",
                                "전달되지 않았",
                                "배달되지 않았"});
/// And that it still may, by itself.
constexpr auto waiting_words =
    std::to_array<string_view>({"delayed",        "delay)",       " yet",
                                "still being",    "still trying", "will be retried",
                                "will continue",  "keep trying",  "remains in",
                                "in the queue",   "-queue id-",   "will be attempted",
                                "will try again", "retry for",    "warning:",
                                "아직",           "지연",         "재시도합니다",
                                "재시도하",       "재시도할",     "다시 시도합니다",
                                "계속 시도",      "대기 중"});

/// Without one of these nothing is given up: replies come by the million, and most have none.
constexpr auto giving_stems =
    std::to_array<string_view>({"return", "bounced", "undeliver", "give", "gave", "giving", "반송",
                                "포기", "최종", "않", "없", "안 ", "안합", "안함"});
constexpr auto denying_stems =
    std::to_array<string_view>({"no ", "not ", "n't", "n’t", "cannot", "never", "without"});

bool says_given_up(string_view text) {
  if (!holds_any(text, giving_stems) && !holds_any(text, denying_stems)) return false;
  const auto clauses = text::clauses_of(text);
  return std::ranges::any_of(
      clauses, [](const text::Words& words) { return gives_up(words, text::compact(words)); });
}

}  // namespace

bool gives_up(const text::Words& words, const Compact& korean) {
  return gives_up_in_english(words) || gives_up_in_korean(korean.text);
}

bool tells_of_return(string_view subject, string_view words) {
  constexpr std::size_t max_notice = 16384;  // more is what came back, or a list of recipients
  words = words.substr(0, max_notice);
  return (holds_any(subject, undelivered_words) || holds_any(words, undelivered_words)) &&
         !holds_any(subject, waiting_words) && !holds_any(words, waiting_words);
}

void settle_action(bool returned, DeliveryFailure& failure) {
  const auto& reply = failure.reply;
  const bool for_good = reply.code >= 500 || (reply.code == 0 && reply.status.starts_with('5'));
  if (failure.action != Action::failed || for_good || returned) return;
  // What a server says that may be asked again is not about its client's tries.
  const bool passing = reply.code >= 400 || reply.status.starts_with('4');
  if (passing || !says_given_up(text::ascii_lower(reply.text))) failure.action = Action::unknown;
}

}  // namespace maildiag::bounce
