#include "diagnose/later_korean.h"

namespace maildiag::diagnose {

namespace {

using text::begins_any;
using text::Compact;
using text::holds_any;
using text::Words;

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

/// A retry that has been: "재시도 결과", "재시도에 실패하여", and not "재시도에 실패하면".
constexpr auto retry_nouns = std::to_array<std::string_view>(
    {"재시도", "재발송", "재전송", "재접속", "재배달", "다시시도", "다시발송", "다시전송"});
constexpr auto retry_particles =
    std::to_array<std::string_view>({"에도", "에", "를", "을", "도", "한", "가", "까지", "마저"});
constexpr auto retry_results =
    std::to_array<std::string_view>({"결과", "실패", "하였", "했", "불가"});
constexpr auto if_failed = std::to_array<std::string_view>(
    {"실패하면", "실패시", "실패할", "실패하는", "실패하시", "결과를", "하였는데도", "했는데도"});

bool tells_result(std::string_view told) {
  return std::ranges::any_of(retry_nouns, [told](std::string_view noun) {
    for (auto at = told.find(noun); at != std::string_view::npos; at = told.find(noun, at + 1)) {
      auto rest = told.substr(at + noun.size());
      const auto* particle = std::ranges::find_if(
          retry_particles, [rest](std::string_view part) { return rest.starts_with(part); });
      if (particle != retry_particles.end()) rest.remove_prefix(particle->size());
      if (begins_any(rest, retry_results) && !begins_any(rest, if_failed)) return true;
    }
    return false;
  });
}

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
  return !holds_any(told, refusals) && !says_not(told) && !tells_result(told);
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

/// "일시적인 메일 주소는": a thing that does not last, with the particle of what is spoken of, and
/// no "일시적인 계정 오류".
constexpr auto mail_words = std::to_array<std::string_view>({"이메일", "메일", "전자우편"});
constexpr auto lasting_things =
    std::to_array<std::string_view>({"주소", "계정", "아이디", "도메인"});
constexpr auto topic_particles =
    std::to_array<std::string_view>({"는", "은", "를", "을", "로", "에서", "이나"});

bool is_thing(const Words& words, std::size_t at, std::string_view rest) {
  if (!rest.empty() && rest != "인") return false;
  std::string joined;
  for (auto i = at + 1; i < std::min(at + 3, words.size()); ++i) joined += words[i];
  std::string_view behind = joined;
  const auto take = [&behind](const auto& parts) {
    const auto* found = std::ranges::find_if(
        parts, [behind](std::string_view part) { return behind.starts_with(part); });
    if (found == parts.end()) return false;
    behind.remove_prefix(found->size());
    return true;
  };
  take(mail_words);
  return take(lasting_things) && begins_any(behind, topic_particles);
}

bool names_state(const Words& words, std::string_view state, bool at_start) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto at = words[i].find(state);
    if (at == std::string::npos || (at_start && at != 0)) continue;
    const auto rest = std::string_view(words[i]).substr(at + state.size());
    if (!is_denied(words, i, rest) && !is_thing(words, i, rest)) return true;
  }
  return false;
}

}  // namespace

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

bool calls_temporary_in_korean(const Words& words) {
  return names_state(words, "일시적", false);
}

// "반영구" and "이영구" are something else.
bool is_final_in_korean(const Words& words) {
  return names_state(words, "영구", true);
}

}  // namespace maildiag::diagnose
