#include "diagnose/later_english.h"

namespace maildiag::diagnose {

namespace {

using text::begins_any;
using text::is_any;
using text::is_negator;
using text::Words;

/// What stands between a negation and its verb or noun: "do not ever try", "no need to try".
constexpr auto between = std::to_array<std::string_view>(
    {"a",      "an",    "any",   "attempt", "be",   "bother", "even", "ever", "expect",
     "going",  "good",  "is",    "just",    "keep", "merely", "need", "of",   "only",
     "please", "point", "sense", "simply",  "to",   "try",    "use",  "want", "wish"});
constexpr auto retrying = std::to_array<std::string_view>(
    {"trying", "retrying", "resending", "resubmitting", "reconnecting"});
constexpr auto to_retry =
    std::to_array<std::string_view>({"try", "retry", "resend", "re-send", "resubmit", "reconnect"});
/// Verbs that only mean it with "again".
constexpr auto to_do_again =
    std::to_array<std::string_view>({"send", "attempt", "connect", "submit", "deliver"});
constexpr auto soon = std::to_array<std::string_view>({"tomorrow", "shortly", "soon"});
constexpr auto spans =
    std::to_array<std::string_view>({"second", "minute", "hour", "day", "while", "moment", "time"});
constexpr auto short_spans = std::to_array<std::string_view>(
    {"sec", "secs", "min", "mins", "hr", "hrs", "s", "m", "h", "d"});
/// What may be temporary and is trouble: "temporary DNS lookup failure". Anything else that is
/// called so (file, address, mail provider, password) is no reason to try again.
constexpr auto troubles = std::to_array<std::string_view>(
    {"ban",     "busy",     "clos",      "den",       "disabl",   "disk",    "down",
     "exceed",  "full",     "inactiv",   "not",       "offline",  "over",    "quota",
     "storage", "block",    "condition", "congest",   "deferral", "delay",   "difficult",
     "disrupt", "err",      "exception", "fail",      "fault",    "glitch",  "greylist",
     "hold",    "inabilit", "interrupt", "issue",     "lack",     "limit",   "lock",
     "mainten", "malfunct", "measure",   "outage",    "penalt",   "problem", "refus",
     "reject",  "restrict", "shortage",  "situation", "suspen",   "throttl", "time-out",
     "timeout", "trouble",  "unavail"});
/// Words that end what "temporary" may belong to.
constexpr auto phrase_ends = std::to_array<std::string_view>(
    {"and", "are",  "as", "at",  "because", "but",   "by",   "can", "for", "from",
     "has", "have", "in", "is",  "it",      "may",   "of",   "on",  "or",  "please",
     "so",  "that", "to", "was", "were",    "which", "will", "with"});
/// "temporary internal mail server error" has three words between.
constexpr std::size_t max_until_trouble = 4;
/// In front of a retry that has been: "we tried to send it again", "unable to resend".
constexpr auto past_tries = std::to_array<std::string_view>(
    {"tried", "attempted", "failed", "failing", "unable", "trying", "kept"});
/// How one ended: "the retry after 4 hours failed".
constexpr auto outcomes =
    std::to_array<std::string_view>({"failed", "unsuccessful", "unsuccessfully", "fruitless"});
/// Behind such a word comes a reason or a condition, no outcome: "try again later if it failed".
constexpr auto reasons = std::to_array<std::string_view>(
    {"as", "because", "if", "since", "that", "unless", "until", "when", "which"});
/// "try to send your message again in about 30 minutes": how many words the time may stand off.
constexpr std::size_t max_until_time = 8;
constexpr std::size_t max_in_time = 4;

bool is_negated(const Words& words, std::size_t at) {
  while (at > 0 && is_any(words[at - 1], between)) --at;
  return at > 0 && is_negator(words[at - 1]);
}

/// "tried to send", "we tried to send": what was done, no advice.
bool is_past(const Words& words, std::size_t at) {
  if (at > 0 && words[at - 1] == "to") --at;
  return at > 0 && is_any(words[at - 1], past_tries);
}

/// Whether the words from there on tell how the retry ended.
bool tells_outcome(const Words& words, std::size_t at) {
  const auto end = std::min(at + max_until_time, words.size());
  for (auto i = at; i < end && !is_any(words[i], reasons); ++i)
    if (is_any(words[i], outcomes)) return true;
  return false;
}

bool is_span(std::string_view word) {
  const auto unit = word.find_first_not_of("0123456789");
  if (unit == std::string_view::npos) return false;
  return begins_any(word.substr(unit), spans) || is_any(word.substr(unit), short_spans);
}

/// "later", "in 30 minutes", "after 1 hour"; not "TLS 1.2 or later".
bool names_time(const Words& words, std::size_t begin, std::size_t end) {
  for (auto i = begin; i < end; ++i) {
    if (words[i] == "later" && words[i - 1] != "or" && words[i - 1] != "and") return true;
    if (is_any(words[i], soon)) return true;
    if (words[i] != "in" && words[i] != "after") continue;
    const auto last = std::min(i + 1 + max_in_time, words.size());
    for (auto j = i + 1; j < last; ++j)
      if (is_span(words[j])) return true;
  }
  return false;
}

/// Whether the words from there on tell to do something again: "retry", "send it again".
bool tells_to_retry(const Words& words, std::size_t at) {
  if (is_any(words[at], to_retry)) return true;
  if (!is_any(words[at], to_do_again)) return false;
  const auto end = std::min(at + max_until_time, words.size());
  for (auto i = at + 1; i < end; ++i)
    if (words[i] == "again") return true;
  return false;
}

/// "temporary DNS failure", "this is temporary", "Temporary: ..."
bool is_trouble(const Words& words, std::size_t at) {
  if (at + 1 == words.size()) return true;
  const auto end = std::min(at + 1 + max_until_trouble, words.size());
  for (auto i = at + 1; i < end; ++i) {
    if (is_any(words[i], phrase_ends)) return i == at + 1;
    if (begins_any(words[i], troubles)) return true;
    if (words[i] == "file" || words[i] == "directory") return false;  // "cannot lock the ..."
  }
  return false;
}

}  // namespace

bool asks_to_retry(const Words& words) {
  const bool negation = std::ranges::any_of(words, is_negator);
  bool wait = false;  // "wait 10 minutes and try again"
  for (std::size_t i = 0; i < words.size(); ++i) {
    wait = wait || (words[i] == "wait" && !is_negated(words, i));
    const bool gerund = is_any(words[i], retrying);
    if (!gerund && !tells_to_retry(words, i)) continue;
    // "Trying again later will not help", "there is no point in trying again later"
    if (gerund ? negation : is_negated(words, i) || is_past(words, i)) continue;
    if (tells_outcome(words, i + 1)) continue;
    if (wait || names_time(words, i + 1, std::min(i + 1 + max_until_time, words.size())))
      return true;
  }
  return false;
}

bool calls_temporary(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "temporary" && words[i] != "temporarily") continue;
    if (words[i] == "temporary" && !is_trouble(words, i)) continue;
    if (!is_negated(words, i)) return true;
  }
  return false;
}

bool is_final(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view next = i + 1 < words.size() ? words[i + 1] : std::string_view();
    if (words[i].starts_with("permanent") && !is_negated(words, i)) return true;
    if (next == "help" && words[i] != "cannot" && is_negator(words[i])) return true;
  }
  return false;
}

}  // namespace maildiag::diagnose
