/// Words and questions that share those who ask what the clauses of a notice or a reply say.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "core/clauses.h"

namespace maildiag::bounce {

inline constexpr auto condition_words = std::to_array<std::string_view>(
    {"if", "may", "might", "once", "unless", "until", "when", "whenever", "would"});
inline constexpr auto mail_nouns =
    std::to_array<std::string_view>({"e-mail", "e-mails", "email", "emails", "it", "letter", "mail",
                                     "mails", "message", "messages"});
inline constexpr auto being_verbs =
    std::to_array<std::string_view>({"are", "been", "being", "is", "was", "were"});
inline constexpr auto try_nouns = std::to_array<std::string_view>(
    {"attempt", "attempts", "redelivery", "retries", "retry", "retrying", "tries"});
inline constexpr auto retry_verbs = std::to_array<std::string_view>(
    {"re-attempted", "re-sent", "reattempted", "redelivered", "resend", "resending", "resent",
     "retried", "retry", "retrying"});
inline constexpr auto tried_verbs = std::to_array<std::string_view>(
    {"attempt", "attempted", "attempting", "deliver", "delivered", "delivering", "send", "sending",
     "sent", "tried", "try", "trying"});
inline constexpr auto removed_verbs =
    std::to_array<std::string_view>({"deleted", "discarded", "removed"});
/// What goes on behind a noun: no further noun, as in "queue copy".
inline constexpr auto behind_nouns = std::to_array<std::string_view>(
    {"",    "after", "and", "as", "at",    "because", "but", "by", "due",  "for",
     "how", "in",    "of",  "on", "since", "so",      "to",  "we", "when", "without"});
/// "no further automatic delivery attempts" has three between.
inline constexpr std::size_t max_try_fillers = 4;
/// Of a Korean syllable, in octets.
inline constexpr std::size_t korean_syllable = 3;

inline std::string_view nth_word(const text::Words& words, std::size_t at) {
  return at < words.size() ? std::string_view(words[at]) : std::string_view();
}

inline bool is_plain_not(std::string_view one) {
  return one == "not" || one == "never" || one.ends_with("n't") || one.ends_with("n’t");
}

/// "from the queue", "from our delivery queue".
inline bool is_from_queue(const text::Words& words, std::size_t at) {
  if (nth_word(words, at) != "from") return false;
  const auto end = std::min(at + 4, words.size());
  for (auto i = at + 1; i < end; ++i)
    if (words[i] == "queue") return text::is_any(nth_word(words, i + 1), behind_nouns);
  return false;
}

/// True if one of the `reach` words in front of `at` is wanted.
template <class Wanted>
bool any_before(const text::Words& words, std::size_t at, std::size_t reach, const Wanted& wanted) {
  for (auto i = at - std::min(at, reach); i < at; ++i)
    if (wanted(std::string_view(words[i]))) return true;
  return false;
}

/// True if one of the `reach` words from `at` on is wanted.
template <class Wanted>
bool any_from(const text::Words& words, std::size_t at, std::size_t reach, const Wanted& wanted) {
  const auto end = std::min(at + reach, words.size());
  for (auto i = at; i < end; ++i)
    if (wanted(std::string_view(words[i]))) return true;
  return false;
}

/// True if `holds` of what stands in front of one of the places of `part`, and of what behind.
template <class Holds>
bool any_place(std::string_view text, std::string_view part, const Holds& holds) {
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    if (holds(text.substr(0, at), text.substr(at + part.size()))) return true;
  return false;
}

/// The last `octets` of it: what is asked of each place in a text must not cost the whole text.
inline std::string_view tail(std::string_view text, std::size_t octets) {
  return text.substr(text.size() - std::min(text.size(), octets));
}

}  // namespace maildiag::bounce
