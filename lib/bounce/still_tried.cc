#include "bounce/still_tried.h"

#include <algorithm>

#include "bounce/clause_words.h"
#include "bounce/still_tried_korean.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::is_any;
using text::is_negator;

constexpr auto going_on =
    std::to_array<string_view>({"continue", "continues", "continuing", "keep", "keeps"});
constexpr auto promises = std::to_array<string_view>({"shall", "will"});
constexpr auto promise_fillers = std::to_array<string_view>(
    {"again", "also", "automatically", "be", "now", "periodically", "regularly", "still", "then"});
constexpr auto more_nouns = std::to_array<string_view>({"attempts", "attempt", "retries", "tries"});
/// "will continue its delivery attempts", and not "will continue to block attempts".
constexpr auto continued_fillers =
    std::to_array<string_view>({"automatic", "delivery", "further", "its", "make", "making", "our",
                                "periodic", "the", "their", "to", "with"});
constexpr auto tryers =
    std::to_array<string_view>({"mta", "server", "servers", "system", "we", "host"});
constexpr auto lately = std::to_array<string_view>({"are", "being", "is", "now", "still"});
constexpr auto waiting_verbs =
    std::to_array<string_view>({"are", "being", "held", "is", "kept", "placed", "put", "remain",
                                "remains", "stay", "stays", "still", "waiting", "waits"});
constexpr auto late_words = std::to_array<string_view>({"deferred", "delayed"});
/// "was deferred and has expired": the delay is over, where one of these is the mail's own verb.
constexpr auto late_ends = std::to_array<string_view>(
    {"bounced", "canceled", "cancelled", "deleted", "expired", "failed", "removed"});
constexpr auto in_front_of_end =
    std::to_array<string_view>({"been", "delivery", "finally", "had", "has", "have", "is", "it",
                                "message", "now", "was", "were"});
constexpr auto joiners = std::to_array<string_view>({"and", "before", "but", "then"});
/// What else fails on the way: "and the first attempt failed", "and the failed lookup".
constexpr auto other_failures = std::to_array<string_view>(
    {"attachment", "connection", "connections", "dns",     "earlier", "each",     "first",
     "host",       "hosts",      "lookup",      "lookups", "mx",      "previous", "query",
     "relay",      "response",   "server",      "servers", "session", "tls"});
/// What comes behind these is no end: the delay's reason, or what is still to come.
constexpr auto no_ends_behind =
    std::to_array<string_view>({"as", "because", "if", "may", "might", "once", "shall", "since",
                                "unless", "until", "when", "whenever", "while", "will", "would"});
/// "could not be delivered yet", "at this time", "at the first attempt", "within the last hour".
/// Days and attempts are what a mail is given up after.
constexpr auto not_the_end =
    std::to_array<string_view>({"yet", "time", "immediately", "far", "now", "moment", "first",
                                "currently", "minutes", "hour", "hours"});
constexpr std::size_t reach_of_end = 12;
constexpr auto late_things = std::to_array<string_view>(
    {"deliveries", "delivery", "e-mail", "email", "mail", "message", "messages"});
constexpr auto arriving =
    std::to_array<string_view>({"delivered", "sent", "transferred", "transmitted"});
/// Behind "will try": of what, or how long; "will try to help you again" is another matter.
constexpr auto behind_try = std::to_array<string_view>(
    {"again", "automatically", "delivery", "every", "for", "later", "once", "until"});
/// Who asks the reader for a try, or tells what he may do, announces none.
constexpr auto asking = std::to_array<string_view>(
    {"can", "could", "may", "might", "must", "please", "should", "would", "you"});
constexpr std::size_t reach_of_asking = 2;
constexpr auto conditions = std::to_array<string_view>({"if", "unless", "whenever"});
/// "could not be delivered and will be retried": what begins anew behind a negation.
constexpr auto new_starts =
    std::to_array<string_view>({"and", "but", "however", "it", "so", "they", "we"});
/// "please do not resend it because the system will retry".
constexpr auto reason_starts = std::to_array<string_view>({"as", "because", "since", "while"});
/// "neither server will retry"
constexpr auto nobody_words = std::to_array<string_view>({"neither", "nobody", "none", "nothing"});
/// "It will be sent again automatically" has two before "again".
constexpr std::size_t max_until_again = 6;
constexpr std::size_t max_until_verb = 4;
/// Of mails in general, or of their troubles.
constexpr auto many_things = std::to_array<string_view>(
    {"deliveries", "e-mails", "emails", "errors", "failures", "mails", "messages", "problems"});
constexpr auto own_determiners =
    std::to_array<string_view>({"following", "the", "these", "this", "those", "your"});
constexpr auto any_determiners = std::to_array<string_view>({"a", "an", "any", "each", "every"});
/// "legitimate servers will retry".
constexpr auto well_behaved = std::to_array<string_view>(
    {"compliant", "genuine", "legitimate", "normal", "proper", "real", "regular"});
constexpr auto client_nouns = std::to_array<string_view>(
    {"clients", "hosts", "mail", "mailers", "mtas", "mta", "senders", "server", "servers"});
constexpr auto recipient_nouns = std::to_array<string_view>({"recipient", "recipients"});
/// "your mail server" is no mail.
constexpr auto behind_no_mail = std::to_array<string_view>(
    {"host", "hosts", "mta", "provider", "relay", "server", "servers", "service", "system"});
/// Of such words a subject consists whose tries may be this mail's: "the server", "further delivery
/// attempts"; not "your mail server", "a temporary error", "the other recipients".
constexpr auto plain_subjects =
    std::to_array<string_view>({"additional", "also",       "another",       "attempt",
                                "attempts",   "automatic",  "automatically", "delivery",
                                "e-mail",     "email",      "further",       "gateway",
                                "has",        "host",       "however",       "i",
                                "mail",       "mailer",     "message",       "more",
                                "mta",        "new",        "next",          "now",
                                "our",        "relay",      "resending",     "retries",
                                "retry",      "redelivery", "server",        "service",
                                "still",      "subsystem",  "system",        "the",
                                "then",       "therefore",  "this",          "transmission",
                                "tries",      "we"});
/// "which are delayed": not what is said of a mail, but which mails are meant.
constexpr auto relatives = std::to_array<string_view>({"that", "which"});
constexpr auto deeds_of_reader = std::to_array<string_view>({"after", "if", "once", "when"});

/// What the words up to here have said.
struct Mood {
  bool condition = false;
  bool denied = false;    ///< of the same sentence
  bool reasoned = false;  ///< the reason of what was denied: "not delivered as it was delayed"
  bool ever_denied = false;
};

void add_to_mood(string_view word, Mood& mood) {
  mood.condition = mood.condition || is_any(word, conditions);
  const bool denies = is_negator(word) || is_any(word, nobody_words);
  mood.reasoned = (mood.denied && is_any(word, reason_starts)) ||
                  (mood.reasoned && !denies && !is_any(word, new_starts));
  mood.denied = denies || (mood.denied && !mood.reasoned && !is_any(word, new_starts));
  mood.ever_denied = mood.ever_denied || is_plain_not(word);
}

/// "continue their delivery attempts" behind "continue".
bool names_tries(const text::Words& words, std::size_t at) {
  while (is_any(nth_word(words, at), continued_fillers)) ++at;
  return is_any(nth_word(words, at), try_nouns);
}

bool is_asked(const text::Words& words, std::size_t at) {
  return any_before(words, at, reach_of_asking, [](auto one) { return is_any(one, asking); });
}

/// "will be retried", "will try again", "another attempt will be made".
bool promises_try(const text::Words& words, std::size_t at) {
  const bool will = is_any(words[at], promises) || words[at].ends_with("'ll");
  if (!will) return false;
  const auto before = at > 0 ? string_view(words[at - 1]) : string_view();
  auto i = at + 1;
  while (is_any(nth_word(words, i), promise_fillers)) ++i;
  const auto verb = nth_word(words, i);
  if (is_any(before, more_nouns) || before == "retry")
    return verb == "made" || verb == "continue" || verb == "follow" || verb == "attempted";
  if (is_any(verb, retry_verbs)) return true;
  if (is_any(verb, going_on))
    return names_tries(words, i + 1) || any_from(words, i + 1, max_until_verb, [](auto one) {
             return is_any(one, tried_verbs) || is_any(one, retry_verbs);
           });
  if (!is_any(verb, tried_verbs)) return false;
  const auto next = nth_word(words, i + 1);
  if (verb == "try" || verb == "attempt") {
    const auto what = nth_word(words, i + 2);
    return next.empty() || is_any(next, behind_try) || is_any(next, tried_verbs) ||
           (next == "to" && (is_any(what, tried_verbs) || what.starts_with("redeliver")));
  }
  return verb == "attempted" || verb == "tried" ||
         any_from(words, i + 1, max_until_again, [](auto one) { return one == "again"; });
}

/// "we keep trying", "continues to attempt delivery", "is still being retried", "retrying".
bool goes_on(const text::Words& words, std::size_t at) {
  const auto next = nth_word(words, at + 1);
  const auto verb = next == "to" || next == "being" ? nth_word(words, at + 2) : next;
  const bool tries = is_any(verb, tried_verbs) || is_any(verb, retry_verbs);
  const auto before = at > 0 ? string_view(words[at - 1]) : string_view();
  if (words[at] == "being") return is_any(before, lately) && is_any(next, retry_verbs);
  // "delivery retries continue until Friday"
  if (words[at].starts_with("continue") && words[at] != "continued" && is_any(before, more_nouns))
    return next != "to" && next != "failing";
  if (is_any(words[at], going_on)) return tries;
  if (words[at] == "still") {
    return next == "queued" || next == "undelivered" || (next == "being" && tries) ||
           next == "trying" || next == "attempting" || next == "retrying";
  }
  const bool alone = words.size() == 1 || is_any(before, lately);
  if (words[at] == "retrying" && alone) return true;
  // "the server retries are exhausted"
  if (is_any(words[at], tryers) && (next == "retry" || next == "retries"))
    return !is_any(nth_word(words, at + 2), being_verbs) && nth_word(words, at + 2) != "have";
  return words[at] == "next" &&
         (is_any(next, try_nouns) || is_any(nth_word(words, at + 2), more_nouns));
}

/// "for 3 days", "since Monday", "too long": so much is over.
bool tells_past(const text::Words& words, std::size_t at) {
  const auto first = nth_word(words, at);
  return first == "since" || first == "too" || first == "longer" || first == "and" ||
         (first == "for" && !nth_word(words, at + 1).starts_with("re") &&
          nth_word(words, at + 1) != "delivery" && nth_word(words, at + 1) != "later");
}

/// "is queued", "remains in the queue"; not "has been in the queue for 3 days".
bool waits_in_queue(const text::Words& words, std::size_t at) {
  if (words[at] == "queued")
    return at > 0 && (words[at - 1] == "is" || words[at - 1] == "are" || words[at - 1] == "been") &&
           !tells_past(words, at + 1);
  if (words[at] != "queue" || tells_past(words, at + 1)) return false;
  return any_before(words, at, 3, [](auto one) { return one == "in" || one == "on"; }) &&
         any_before(words, at, 6, [](auto one) { return is_any(one, waiting_verbs); });
}

/// "failed" of "and the final delivery has failed"; not what else failed, nor what it failed to do
/// at once, nor "has not failed".
bool is_own_end(const text::Words& words, std::size_t late, std::size_t at) {
  const auto next = nth_word(words, at + 1);
  if (!is_any(words[at], late_ends) || next == "to") return false;
  // "has failed: connection refused", and not "the failed connection".
  const bool is_verb = is_any(words[at - 1], in_front_of_end);
  if (!is_verb && (is_any(next, try_nouns) || is_any(next, other_failures))) return false;
  auto i = at - 1;
  for (; i > late && !is_any(words[i], joiners); --i)
    if (is_any(words[i], other_failures) || is_plain_not(words[i])) return false;
  return i > late;
}

/// "deferred repeatedly and has now failed", "had been deferred", "delayed but could not be
/// delivered".
bool is_delay_over(const text::Words& words, std::size_t at) {
  if (at > 1 && words[at - 1] == "been" && words[at - 2] == "had") return true;
  if (nth_word(words, at + 1) == "too") return true;
  const auto end = std::min(at + 1 + reach_of_end, words.size());
  for (auto i = at + 1; i < end && !is_any(words[i], no_ends_behind); ++i) {
    if (is_own_end(words, at, i)) return true;
    const bool could_not = words[i] == "couldn't" || words[i] == "couldn’t" ||
                           (words[i] == "not" && words[i - 1] == "could");
    if (could_not && is_any(nth_word(words, i + 2), arriving) &&
        !any_from(words, i + 3, reach_of_end, [](auto one) { return is_any(one, not_the_end); }))
      return true;
  }
  return false;
}

/// "delivery delayed", "is delayed", "not been delivered yet".
bool is_late(const text::Words& words, std::size_t at, const Mood& mood) {
  const auto before = at > 0 ? string_view(words[at - 1]) : string_view();
  if (is_any(words[at], late_words)) {
    return !mood.denied && !mood.reasoned && !mood.condition && !is_asked(words, at) &&
           !is_delay_over(words, at) &&
           (words.size() == 1 || is_any(before, being_verbs) || is_any(before, late_things) ||
            is_any(nth_word(words, at + 1), late_things));
  }
  if (words[at] != "yet") return false;
  const auto arrives = [](auto one) { return is_any(one, arriving); };
  return mood.ever_denied && (any_before(words, at, max_until_verb, arrives) ||
                              any_from(words, at + 1, max_until_verb, arrives));
}

/// "has not been removed from the queue".
bool stays_in_queue(const text::Words& words, std::size_t at, const Mood& mood) {
  return mood.ever_denied && !mood.condition && is_any(words[at], removed_verbs) &&
         any_before(words, at, max_until_verb, is_plain_not) && is_from_queue(words, at + 1);
}

/// "in case of", "when"; "in this case" is this one.
bool opens_case(const text::Words& words, std::size_t at) {
  if (words[at] == "case" || words[at] == "cases")
    return at > 0 && (words[at - 1] == "in" || words[at - 1] == "some");
  return words[at] == "when" || words[at] == "whenever";
}

/// "delayed messages", "a delayed message", and not "your messages", "messages to
/// lee@rcpt.example".
bool speaks_of_many(const text::Words& words, std::size_t at) {
  if (is_any(words[at], late_things) && !is_any(nth_word(words, at + 1), tryers) &&
      any_before(words, at, 2, [](auto one) { return is_any(one, any_determiners); }))
    return true;
  return is_any(words[at], many_things) &&
         !any_before(words, at, 2, [](auto one) { return is_any(one, own_determiners); }) &&
         nth_word(words, at + 2).find('@') == string_view::npos;
}

/// "your message", "a message that you sent", "to lee@rcpt.example": said of one, whatever else the
/// clause speaks of.
bool speaks_of_this(const text::Words& words, std::size_t at) {
  if (words[at] == "you") return nth_word(words, at + 1) == "sent";
  const auto next = nth_word(words, at + 1);
  if (words[at] == "to" || words[at] == "for") return next.find('@') != string_view::npos;
  if (!is_any(words[at], own_determiners)) return false;
  return is_any(next, recipient_nouns) ||
         (is_any(next, mail_nouns) && !is_any(nth_word(words, at + 2), behind_no_mail));
}

/// "it will be retried", "try to deliver it"; not "until it is 5 days old".
bool is_this(const text::Words& words, std::size_t at, std::size_t verb) {
  if (words[at] != "it") return false;
  const bool behind = at > verb;
  return !behind || is_any(words[at - 1], tried_verbs) || is_any(words[at - 1], retry_verbs);
}

/// "if a case comes true", "when you have corrected it".
bool is_in_case(const text::Words& words, std::size_t at) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i < at && opens_case(words, i)) return true;
    if (i > at && words[i] == "you" && is_any(words[i - 1], deeds_of_reader)) return true;
  }
  return false;
}

/// Of one mail or server, in front of the verb at `at`.
bool is_plain_subject(const text::Words& words, std::size_t at) {
  for (auto i = at; i-- > 0;) {
    if (is_any(words[i], reason_starts) || words[i] == "and" || words[i] == "but" ||
        words[i] == "so")
      return true;
    if (!is_any(words[i], plain_subjects) && !is_any(words[i], being_verbs) &&
        words[i].find('.') == std::string::npos)
      return false;
  }
  return true;
}

/// "Press the button and it will be sent again": what the reader has to do first.
bool begins_with_deed(const text::Words& words, std::size_t at) {
  const auto first = string_view(words.front());
  if (is_any(first, plain_subjects) || is_any(first, own_determiners) || first == "it" ||
      first == "a")
    return false;
  const auto* const last = words.data() + at;
  return std::find(words.data(), last, "and") != last &&
         std::none_of(words.data(), last, is_negator);
}

/// "Mail that is delayed", "delayed mail": any that is.
bool is_of_any_late(const text::Words& words, std::size_t at) {
  if (is_any(words[at], late_words) && is_any(nth_word(words, at + 1), late_things)) return true;
  auto i = at;
  while (i > 0 && is_any(words[i - 1], being_verbs)) --i;
  return i > 0 && is_any(words[i - 1], relatives);
}

bool is_of_clients(const text::Words& words, std::size_t at) {
  for (std::size_t i = 0; i < at; ++i)
    if (is_any(words[i], well_behaved) && is_any(nth_word(words, i + 1), client_nouns)) return true;
  return false;
}

/// Whose tries those are that the clause tells of at `at`. `state`: that a mail waits.
Tries whose_tries(const text::Words& words, std::size_t at, bool state) {
  if (is_of_clients(words, at)) return Tries::of_clients;
  if (is_in_case(words, at) || (!state && begins_with_deed(words, at))) return Tries::general;
  bool many = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (speaks_of_this(words, i) || is_this(words, i, at)) return Tries::own;
    many = many || speaks_of_many(words, i);
  }
  if (many) return Tries::general;
  if (state) return is_of_any_late(words, at) ? Tries::general : Tries::own;
  if (!is_plain_subject(words, at)) return Tries::general;
  // What goes on has been begun: "we will keep trying".
  const bool continued =
      any_from(words, at, max_until_verb, [](auto one) { return is_any(one, going_on); });
  return continued ? Tries::own : Tries::implied;
}

Tries tries_in_english(const text::Words& words) {
  Mood mood;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool told = !mood.denied && !mood.condition && !is_asked(words, i);
    if (is_late(words, i, mood) || stays_in_queue(words, i, mood) ||
        (told && waits_in_queue(words, i)))
      return whose_tries(words, i, true);
    if (told && (promises_try(words, i) || goes_on(words, i)))
      return whose_tries(words, i, words[i] == "still");
    add_to_mood(words[i], mood);
  }
  return Tries::none;
}

}  // namespace

Tries tries_in(const text::Words& words, const text::Compact& korean) {
  return std::max(tries_in_english(words), tries_in_korean(korean.text));
}

bool is_still_tried(const text::Words& words, const text::Compact& korean) {
  return tries_in(words, korean) != Tries::none;
}

}  // namespace maildiag::bounce
