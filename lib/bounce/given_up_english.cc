#include "bounce/given_up_english.h"

#include "bounce/clause_words.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::is_any;

constexpr auto giving_verbs =
    std::to_array<string_view>({"give", "gives", "giving", "gave", "given"});
constexpr auto further_words = std::to_array<string_view>(
    {"additional", "another", "further", "more", "new", "other", "subsequent"});
constexpr auto try_kinds = std::to_array<string_view>(
    {"automatic", "delivery", "re-delivery", "redelivery", "retry", "send", "sending"});
constexpr auto willing = std::to_array<string_view>({"will", "shall"});
constexpr auto unwilling = std::to_array<string_view>({"won't", "won’t"});
constexpr auto refusal_fillers =
    std::to_array<string_view>({"again", "any", "automatically", "be", "ever", "even", "further"});
/// Up to a time: "will not be retried until tomorrow", "no further attempts for 4 hours".
constexpr auto until_when =
    std::to_array<string_view>({"before", "for", "if", "than", "unless", "until", "within"});
/// What is done when a time is over has not been done: "returned to the sender only after 5 days".
constexpr auto at_a_time =
    std::to_array<string_view>({"after", "if", "in", "unless", "until", "when"});
constexpr auto stopped_verbs = std::to_array<string_view>({"ceased", "quit", "stopped"});
constexpr auto limit_nouns =
    std::to_array<string_view>({"count", "limit", "limits", "period", "time", "timeout"});
constexpr auto limit_ends =
    std::to_array<string_view>({"exceeded", "exhausted", "expired", "reached"});
constexpr auto used_up_tries = std::to_array<string_view>({"attempts", "retries", "tries"});
/// Subjects that are not the mail, also where "of the message" stands behind them.
constexpr auto mail_parts =
    std::to_array<string_view>({"attachment", "attachments", "copies", "copy", "duplicate", "file",
                                "files", "recipient", "recipients"});
constexpr auto clause_starts = std::to_array<string_view>({"and", "but", "so"});
/// Who leaves the subject out means the mail: "and has now been removed from the queue".
constexpr auto no_subjects = std::to_array<string_view>(
    {"also", "and", "been", "finally", "has", "now", "permanently", "so", "then", "was"});
/// "and has now also been permanently" has seven in front of "removed".
constexpr std::size_t max_until_subject = 8;
/// "the error was returned": not the message.
constexpr auto answer_nouns = std::to_array<string_view>(
    {"address", "answer", "code", "error", "errors", "lookup", "nxdomain", "query", "record",
     "records", "reply", "response", "result", "status"});
constexpr auto who_sent =
    std::to_array<string_view>({"originator", "sender", "senders", "you", "your"});
constexpr auto first_person =
    std::to_array<string_view>({"i", "i'm", "i’m", "im", "we", "we're", "we’re"});
/// "will not be retried by this server until tomorrow": how far off what limits it may stand.
constexpr std::size_t max_until_limit = 8;

/// What the words up to here have said.
struct SeenWords {
  bool condition = false, mail = false, answer = false, queue = false;
  bool other_subject = false;  ///< not the mail: "the attachment of the message"
  bool spammer = false;        ///< "spam bots will not retry" tells of others
};

bool has_limit(const text::Words& words, std::size_t at) {
  return any_from(words, at, max_until_limit, [](auto one) { return is_any(one, until_when); });
}

bool is_asked_or_denied(string_view one) {
  return is_plain_not(one) || is_any(one, condition_words) || one == "before";
}

/// "giving up", and neither "not giving up yet" nor "gives up after 5 days".
bool gives_up_at(const text::Words& words, std::size_t at) {
  if (!is_any(words[at], giving_verbs) || nth_word(words, at + 1) != "up") return false;
  const bool rule = words[at] == "give" || words[at] == "gives";
  if (rule && any_from(words, at + 2, 2, [](auto one) { return is_any(one, at_a_time); }))
    return false;
  return !any_before(words, at, 3, [rule](auto one) {
    return is_asked_or_denied(one) || (rule && is_any(one, willing));
  });
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

/// Behind "will not", "won't", "not going to", "no longer"; 0: none of them begins at `at`.
std::size_t behind_refusal(const text::Words& words, std::size_t at) {
  const auto before = at > 0 ? string_view(words[at - 1]) : string_view();
  if (words[at] == "no" && nth_word(words, at + 1) == "longer") return at + 2;
  if (is_any(words[at], unwilling)) return at + 1;
  if (!is_plain_not(words[at])) return 0;
  if (nth_word(words, at + 1) == "going" && nth_word(words, at + 2) == "to") return at + 3;
  const bool will = (words[at] == "not" || words[at] == "never") && is_any(before, willing);
  return will ? at + 1 : 0;
}

/// "will not be retried", "won't try again", "not going to try", "retrying will not be attempted".
bool refuses_try(const text::Words& words, std::size_t at) {
  if (words[at] == "not" && nth_word(words, at + 1) == "retrying")
    return !has_limit(words, at + 2) && !any_before(words, at, 2, is_asked_or_denied);
  auto i = behind_refusal(words, at);
  if (i == 0) return false;
  const bool going = words[i - 1] == "to";
  while (is_any(nth_word(words, i), refusal_fillers)) ++i;
  if (has_limit(words, i)) return false;
  if (is_any(nth_word(words, i), retry_verbs)) return true;
  if (!is_any(nth_word(words, i), tried_verbs)) return false;
  if (going && nth_word(words, i) == "try") return true;
  const auto is_try = [](auto one) { return is_any(one, try_nouns) || one == "resending"; };
  return any_before(words, at, 4, is_try) ||
         any_from(words, i + 1, max_try_fillers, [](auto one) { return one == "again"; });
}

/// "the retries are exhausted", and not "after all attempts have been exhausted".
bool is_used_up(const text::Words& words, std::size_t at) {
  auto i = at + 1;
  while (nth_word(words, i) == "have" || is_any(nth_word(words, i), being_verbs)) ++i;
  return i > at + 1 && nth_word(words, i) == "exhausted" &&
         !any_before(words, at, max_try_fillers,
                     [](auto one) { return is_asked_or_denied(one) || is_any(one, at_a_time); });
}

/// "was removed from the queue", "in the queue for 3 days and was removed"; not the attachment, not
/// "has not been removed". "Old mails are removed from the queue" is a rule.
bool is_unqueued(const text::Words& words, std::size_t at, const SeenWords& seen) {
  if (!is_any(words[at], removed_verbs) || at == 0 || seen.other_subject ||
      any_before(words, at, max_try_fillers, is_plain_not))
    return false;
  const auto is_subject = [](auto one) { return !is_any(one, no_subjects); };
  if (!seen.mail && any_before(words, at, max_until_subject, is_subject)) return false;
  const string_view before = words[at - 1];
  if (seen.queue) return is_any(before, being_verbs) && before != "being";
  return (before == "was" || before == "been") && is_from_queue(words, at + 1);
}

/// "we have stopped trying to deliver it", "retry limit reached", "in the queue too long".
bool ends_tries(const text::Words& words, std::size_t at, const SeenWords& seen) {
  const auto next = nth_word(words, at + 1);
  const auto is_try = [](auto one) {
    return is_any(one, try_nouns) || one == "trying" || one == "attempting";
  };
  if (is_any(words[at], stopped_verbs))
    return any_from(words, at + 1, 2, is_try) && !any_before(words, at, 3, is_asked_or_denied);
  if ((words[at] == "retry" || words[at] == "retries") && is_any(next, limit_nouns)) {
    auto i = at + 2;
    while (nth_word(words, i) == "has" || is_any(nth_word(words, i), being_verbs)) ++i;
    return is_any(nth_word(words, i), limit_ends) && !seen.condition;
  }
  if (words[at] == "too" && next == "long" && seen.queue)
    return !seen.condition && !any_before(words, at, 8, is_plain_not);
  if (is_any(words[at], used_up_tries)) return !seen.condition && is_used_up(words, at);
  return !seen.condition && is_unqueued(words, at, seen);
}

/// "your message was returned", "returned to you"; not "the lookup returned an error".
bool returns_at(const text::Words& words, std::size_t at, const SeenWords& seen) {
  const auto before = at > 0 ? string_view(words[at - 1]) : string_view();
  const auto is_late = [](auto one) { return is_any(one, at_a_time) || one == "will"; };
  if (words[at] == "undeliverable" || words[at] == "undelivered")
    return at == 0 && is_any(nth_word(words, 1), mail_nouns) &&
           !any_from(words, 1, max_until_limit, is_late);
  if (words[at] != "returned" && words[at] != "bounced") return false;
  const auto is_condition = [](auto one) { return is_any(one, condition_words); };
  if (seen.condition || any_from(words, at, max_until_limit, is_condition) || before == "be" ||
      is_plain_not(before) || (at > 1 && is_plain_not(words[at - 2])))
    return false;
  const bool past = before == "was" || before == "were" || before == "been";
  if (!past && any_from(words, at, max_until_limit, [](auto one) { return one == "after"; }))
    return false;
  const auto next = nth_word(words, at + 1);
  const auto to = nth_word(words, at + 2);
  if (next == "to" && (is_any(to, who_sent) || is_any(nth_word(words, at + 3), who_sent)))
    return true;
  if (next == "back" || (at == 0 && is_any(next, mail_nouns))) return true;
  if (is_any(before, being_verbs)) return seen.mail && !seen.answer && next != "by" && next != "to";
  return next.empty() && is_any(before, mail_nouns) && before != "it";
}

void see(string_view word, SeenWords& seen) {
  seen.condition = seen.condition || is_any(word, condition_words);
  seen.mail = seen.mail || is_any(word, mail_nouns);
  seen.answer = seen.answer || is_any(word, answer_nouns);
  seen.queue = seen.queue || word == "queue";
  seen.other_subject = (seen.other_subject && !is_any(word, clause_starts)) ||
                       (!seen.mail && is_any(word, mail_parts));
  seen.spammer = seen.spammer || word.starts_with("spam") || word == "bot" || word == "bots";
}

}  // namespace

bool gives_up_in_english(const text::Words& words) {
  SeenWords seen;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (returns_at(words, i, seen)) return true;
    if (!seen.spammer && (gives_up_at(words, i) || denies_tries(words, i) ||
                          refuses_try(words, i) || ends_tries(words, i, seen)))
      return true;
    see(words[i], seen);
  }
  return false;
}

bool announces_return_in_english(const text::Words& words) {
  const auto is_case = [](auto one) { return one != "in" && is_any(one, at_a_time); };
  if (!any_from(words, 0, words.size(), is_case)) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "returned" && words[i] != "bounced") continue;
    const auto before = i > 0 ? string_view(words[i - 1]) : string_view();
    if (before == "is" || before == "be" || before == "are" || is_any(before, mail_nouns))
      return true;
  }
  return false;
}

bool ends_own_queue(const text::Words& words) {
  SeenWords seen;
  bool person = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    person = person || is_any(words[i], first_person);
    if (person && nth_word(words, i + 1) == "going" && refuses_try(words, i)) return true;
    if (words[i] == "too" && ends_tries(words, i, seen)) return true;
    see(words[i], seen);
  }
  return false;
}

}  // namespace maildiag::bounce
