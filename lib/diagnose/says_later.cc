#include "diagnose/says_later.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "core/text.h"

namespace maildiag::diagnose {

namespace {

template <std::size_t Size>
using Parts = std::array<std::string_view, Size>;

template <std::size_t Size>
bool is_any(std::string_view word, const Parts<Size>& words) {
  return std::ranges::find(words, word) != words.end();
}
template <std::size_t Size>
bool begins_any(std::string_view word, const Parts<Size>& parts) {
  return std::ranges::any_of(parts, [word](auto part) { return word.starts_with(part); });
}
template <std::size_t Size>
bool holds_any(std::string_view text, const Parts<Size>& parts) {
  return std::ranges::any_of(
      parts, [text](auto part) { return text.find(part) != std::string_view::npos; });
}

// ---- clauses

/// The words up to a mark that ends what a negation may belong to; in lower case.
using Words = std::vector<std::string>;

constexpr auto wide_marks =
    std::to_array<std::string_view>({"。", "，", "！", "？", "；", "：", "—"});

/// Octets of a mark that ends a clause here; 0: none. The dots of "5.7.1" and "mx.example" do not.
std::size_t mark_at(std::string_view text) {
  const auto* wide = std::ranges::find_if(
      wide_marks, [text](std::string_view mark) { return text.starts_with(mark); });
  if (wide != wide_marks.end()) return wide->size();
  if (std::string_view(",;!?()").find(text.front()) != std::string_view::npos) return 1;
  if (text.front() != '.' && text.front() != ':') return 0;
  const char next = text.size() > 1 ? text[1] : ' ';
  return (next >= 'a' && next <= 'z') || (next >= '0' && next <= '9') ? 0 : 1;
}

std::vector<Words> clauses_of(std::string_view text) {
  std::vector<Words> clauses(1);
  std::string word;
  const auto end_word = [&clauses, &word] {
    while (word.ends_with('\'')) word.pop_back();
    if (!word.empty()) clauses.back().push_back(text::ascii_lower(word));
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const auto mark = mark_at(text.substr(i)); mark != 0) {
      end_word();
      if (!clauses.back().empty()) clauses.emplace_back();
      i += mark - 1;
    } else if (std::string_view(" \t\r\n\"'`*<>[]").find(text[i]) == std::string_view::npos ||
               (text[i] == '\'' && !word.empty())) {  // "don't"
      word += text[i];
    } else {
      end_word();
    }
  }
  end_word();
  return clauses;
}

// ---- English

constexpr auto negators =
    std::to_array<std::string_view>({"not", "no", "never", "dont", "cannot", "without", "nor",
                                     "stop", "avoid", "useless", "pointless", "futile"});
/// What stands between a negation and its verb or noun: "do not ever try", "no need to try".
constexpr auto between = std::to_array<std::string_view>(
    {"a",      "an",    "any",   "attempt", "be",     "bother", "even", "ever",
     "good",   "is",    "just",  "keep",    "merely", "need",   "of",   "only",
     "please", "point", "sense", "simply",  "to",     "use"});
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
/// "a temporary file" is no temporary trouble.
constexpr auto temporary_things =
    std::to_array<std::string_view>({"file", "folder", "director", "address"});
/// "try to send your message again in about 30 minutes": how many words the time may stand off.
constexpr std::size_t max_until_time = 8;
constexpr std::size_t max_in_time = 4;

bool is_negator(std::string_view word) {
  return is_any(word, negators) || word.ends_with("n't") || word.ends_with("n’t");
}

bool is_negated(const Words& words, std::size_t at) {
  while (at > 0 && is_any(words[at - 1], between)) --at;
  return at > 0 && is_negator(words[at - 1]);
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

bool asks_to_retry(const Words& words) {
  const bool negation = std::ranges::any_of(words, is_negator);
  bool wait = false;  // "wait 10 minutes and try again"
  for (std::size_t i = 0; i < words.size(); ++i) {
    wait = wait || (words[i] == "wait" && !is_negated(words, i));
    const bool gerund = is_any(words[i], retrying);
    if (!gerund && !tells_to_retry(words, i)) continue;
    // "Trying again later will not help", "there is no point in trying again later"
    if (gerund ? negation : is_negated(words, i)) continue;
    if (wait || names_time(words, i + 1, std::min(i + 1 + max_until_time, words.size())))
      return true;
  }
  return false;
}

bool calls_temporary(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "temporary" && words[i] != "temporarily") continue;
    const bool thing = i + 1 < words.size() && begins_any(words[i + 1], temporary_things);
    if (!thing && !is_negated(words, i)) return true;
  }
  return false;
}

/// Whatever else is said: "this is a permanent error", "I've given up", "will not help".
bool is_final(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view next = i + 1 < words.size() ? words[i + 1] : std::string_view();
    if (words[i].starts_with("permanent") && !is_negated(words, i)) return true;
    if (next == "up" && (words[i] == "giving" || words[i] == "gave" || words[i] == "given"))
      return true;
    if (next == "help" && words[i] != "cannot" && is_negator(words[i])) return true;
  }
  return false;
}

// ---- Korean: blanks may stand or not, so that most is looked for without them

struct Compact {
  std::string text;
  std::vector<std::size_t> starts;  ///< where words begin
  bool starts_word(std::size_t at) const { return std::ranges::binary_search(starts, at); }
};
Compact compact(const Words& words) {
  Compact result;
  for (const auto& word : words) {
    result.starts.push_back(result.text.size());
    result.text += word;
  }
  return result;
}

constexpr auto after_a_time =
    std::to_array<std::string_view>({"잠시후", "잠시뒤", "잠시만", "나중에", "추후", "내일", "익일",
                                     "자정", "며칠후", "며칠뒤", "하루후", "하루뒤"});
constexpr auto units = std::to_array<std::string_view>({"초", "분", "시간", "일"});
constexpr auto counting_words = std::to_array<std::string_view>(
    {"한", "두", "세", "네", "몇", "수", "일정", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
constexpr auto passing =
    std::to_array<std::string_view>({"후", "뒤", "이후", "지나", "지난", "경과"});
constexpr auto approximately =
    std::to_array<std::string_view>({"정도", "가량", "이상", "쯤", "이", "가"});
constexpr auto retry_words = std::to_array<std::string_view>(
    {"다시", "재시도", "재발송", "재전송", "재접속", "시도해", "시도하", "시도바", "보내주",
     "보내시", "보내십", "보내세", "이용해", "이용하", "접속해", "접속하"});
/// Refuses what was asked just before: "보내지 마세요", "시도해도 소용없습니다", "시도하였으나".
constexpr auto refusals = std::to_array<std::string_view>(
    {"하지마",   "내지마",     "하지말",     "내지말",     "소용",      "무의미",
     "필요없",   "필요가없",   "필요는없",   "안됩니다",   "마찬가지",  "시도해도",
     "시도했",   "시도하였",   "시도하셔도", "시도하더라", "보내도",    "보내셔도",
     "보내더라", "발송하셔도", "발송해도",   "전송해도",   "전송하셔도"});
constexpr auto not_doing = std::to_array<std::string_view>({"하지않", "내지않", "되지않"});
/// "해결되지 않으면", "다시 시도하지 않아도": if not, even if not.
constexpr auto if_not =
    std::to_array<std::string_view>({"으면", "을", "는다면", "는경우", "아도", "으시면"});
constexpr auto is_not = std::to_array<std::string_view>({"아니", "아닙", "아님", "아닌"});
constexpr std::size_t syllable = 3;  // octets
/// "후에는 메일을 다시": what belongs to the time stands right behind it.
constexpr std::size_t max_until_retry = 16 * syllable;
constexpr std::size_t max_until_refusal = 24 * syllable;

bool says_not(std::string_view text) {
  return std::ranges::any_of(not_doing, [text](std::string_view part) {
    const auto at = text.find(part);
    return at != std::string_view::npos && !begins_any(text.substr(at + part.size()), if_not);
  });
}

/// "... 다시 시도하세요", and neither "삭제됩니다" nor "다시 보내지 마세요".
bool asks_again(std::string_view rest) {
  if (!holds_any(rest.substr(0, max_until_retry), retry_words)) return false;
  const auto told = rest.substr(0, max_until_refusal);
  return !holds_any(told, refusals) && !says_not(told);
}

/// What follows a time that passes; empty: none does. "30분", and not "부분".
std::string_view behind_span(std::string_view text, std::size_t at, std::string_view unit) {
  const auto before = text.substr(0, at);
  if (!std::ranges::any_of(counting_words,
                           [before](auto count) { return before.ends_with(count); }))
    return {};
  auto rest = text.substr(at + unit.size());
  const auto* about = std::ranges::find_if(
      approximately, [rest](std::string_view part) { return rest.starts_with(part); });
  // "이후" passes itself.
  if (about != approximately.end() && !begins_any(rest, passing)) rest.remove_prefix(about->size());
  return begins_any(rest, passing) ? rest : std::string_view();
}

bool asks_in_korean(const Compact& clause) {
  const std::string_view text = clause.text;
  const auto each = [text](std::string_view part, const auto& asks) {
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
      if (asks(at)) return true;
    return false;
  };
  return std::ranges::any_of(after_a_time,
                             [&](std::string_view time) {
                               return each(time, [&](std::size_t at) {
                                 // "안내일정" holds "내일"
                                 return clause.starts_word(at) &&
                                        asks_again(text.substr(at + time.size()));
                               });
                             }) ||
         std::ranges::any_of(units, [&](std::string_view unit) {
           return each(unit, [&](std::size_t at) {
             const auto rest = behind_span(text, at, unit);
             return !rest.empty() && asks_again(rest);
           });
         });
}

/// "일시적인 오류가 아닙니다": up to three words off, and not across "...로 (인해)", which begins
/// something else.
bool is_denied(const Words& words, std::size_t at, std::string_view rest) {
  if (rest.starts_with("으로") || rest.starts_with("로")) return false;
  if (rest.starts_with("이지") || holds_any(rest, is_not)) return true;
  const auto end = std::min(at + 4, words.size());
  for (auto i = at + 1; i < end; ++i) {
    if (begins_any(words[i], is_not)) return true;
    if (words[i].ends_with("로")) return false;
    if (holds_any(words[i], is_not)) return true;
  }
  return false;
}

bool names_state(const Words& words, std::string_view state, bool at_start) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto at = words[i].find(state);
    if (at == std::string::npos || (at_start && at != 0)) continue;
    if (!is_denied(words, i, std::string_view(words[i]).substr(at + state.size()))) return true;
  }
  return false;
}

bool is_final_in_korean(const Words& words, const Compact& clause) {
  if (names_state(words, "영구", true)) return true;  // "반영구" and "이영구" are something else
  if (clause.text.find("포기") != std::string::npos) return true;
  const auto at = clause.text.find("시도하지않");
  return at != std::string::npos && says_not(std::string_view(clause.text).substr(at));
}

}  // namespace

bool says_later(std::string_view text) {
  bool later = false;
  for (const auto& words : clauses_of(text)) {
    const auto korean = compact(words);
    if (is_final(words) || is_final_in_korean(words, korean)) return false;
    later = later || asks_to_retry(words) || calls_temporary(words) || asks_in_korean(korean) ||
            names_state(words, "일시적", false);
  }
  return later;
}

}  // namespace maildiag::diagnose
