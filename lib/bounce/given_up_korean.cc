#include "bounce/given_up_korean.h"

#include "bounce/clause_words.h"
#include "bounce/korean_tries.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::begins_any;
using text::holds_any;

/// Behind "반송": it has been done. "반송될 수", "반송된 메일이 많아", "반송 주소" say nothing of
/// this one.
constexpr auto returned_ends = std::to_array<string_view>(
    {"되었", "됐",   "됩",   "됨",   "되어", "돼",   "되며", "되고", "하였", "했",  "합니다",
     "함",   "하며", "하고", "하여", "처리", "시켰", "시킵", "드립", "사유", "이유"});
/// The past is no announcement, whatever stands before.
constexpr auto past_ends = std::to_array<string_view>(
    {"되었", "됐", "하였", "했", "시켰", "처리되었", "처리했", "처리하였"});
constexpr auto past_conditions = std::to_array<string_view>(
    {"되었으면", "되었을", "됐으면", "됐을", "하였으면", "하였을", "했으면", "했을"});
/// Of what comes under a condition or at a time.
constexpr auto if_words =
    std::to_array<string_view>({"으면", "되면", "하면", "지나면", "경과하면", "경우", "을때",
                                "할때", "될때", "시에는", "실패시", "지난후", "지난뒤", "재시도후",
                                "재전송후", "까지재시도", "까지시도", "까지계속", "까지자동"});
constexpr auto time_ends = std::to_array<string_view>({"후", "뒤", "시", "후에", "뒤에"});
/// A condition begins the same clause: what stands further off belongs to something else.
constexpr std::size_t reach_of_condition = 32 * korean_syllable;
constexpr auto no_giving_up =
    std::to_array<string_view>({"하지않", "하지는않", "하지도않", "하지마", "하지말", "하기전",
                                "할때", "하면", "할수", "전", "시", "하시", "할경우", "하는"});
constexpr auto words_for_tries =
    std::to_array<string_view>({"재발송", "재전송", "재시도", "재배달", "시도", "다시보내",
                                "다시발송", "다시전송", "다시배달"});
/// "재시도하지 않습니다", "재시도 없음": behind "재시도" and its auxiliaries.
constexpr auto doing_not = std::to_array<string_view>(
    {"하지않", "되지않", "지않", "이루어지지않", "없이", "없", "안합", "안함"});
/// "재시도하지 않으면", "않아도": if not, even if not.
constexpr auto if_not = std::to_array<string_view>(
    {"으면", "을", "는다면", "는경우", "아도", "으시", "으셔", "도록", "은메일", "는메일", "은서버",
     "는서버", "은ip", "는ip", "은스팸", "는스팸", "은발송", "는발송"});
/// "재시도하지 않을 것입니다", "않을 예정입니다": not if, but not at all.
constexpr auto never_to_come = std::to_array<string_view>({"을것", "을예정", "을겁"});
/// "10분 동안은 자동으로 재시도하지 않습니다": what limits it stands before.
constexpr auto until_words =
    std::to_array<string_view>({"까지", "동안", "분간", "시간은", "전에", "이내", "로그인"});
constexpr std::size_t reach_of_until = 8 * korean_syllable;
/// "최종 배달 실패", and not "최종 실패 시 알려 드립니다".
constexpr auto last_ends =
    std::to_array<string_view>({"실패", "적으로실패", "반송", "적으로반송", "배달실패", "전송실패",
                                "발송실패", "전달실패", "배송실패"});
constexpr auto not_the_last = std::to_array<string_view>(
    {"시", "전", "할", "될", "하면", "되면", "하는", "되는", "까지", "여부", "하기", "되기"});
/// "재시도 횟수를 초과", "재전송 기간 만료".
constexpr auto limited_tries = std::to_array<string_view>(
    {"재시도횟수", "재시도한도", "재시도기간", "재시도시간", "재전송횟수", "재전송한도",
     "재전송기간", "재발송횟수", "재발송한도", "재발송기간", "재배달횟수"});
constexpr auto limit_particles =
    std::to_array<string_view>({"가모두", "를모두", "를", "을", "가", "이"});
constexpr auto passed_limits = std::to_array<string_view>({"초과", "만료", "소진", "종료"});
constexpr auto mails = std::to_array<string_view>({"메일", "메시지", "메세지", "편지"});
constexpr auto other_things =
    std::to_array<string_view>({"첨부", "이전메일", "기존메일", "다른메일", "중복메일"});
constexpr auto removals = std::to_array<string_view>({"삭제", "제거", "폐기"});
/// Who stops sending: "서비스 중단" is something else.
constexpr auto stopped_tries =
    std::to_array<string_view>({"발송을중단", "전송을중단", "배달을중단", "전달을중단",
                                "시도를중단", "재전송을중단", "재발송을중단", "재시도중단"});
constexpr auto stopping_ends =
    std::to_array<string_view>({"하였", "했", "합니다", "함", "하고", "하며", "되었", "됨"});
/// "스팸 서버는", "봇들은": of whom the clause speaks.
constexpr auto spammer_nouns =
    std::to_array<string_view>({"서버", "봇", "발송", "발신", "메일", "자", "업자", "기", "러",
                                "머", "ip", "프로그램", "시스템", "들"});
constexpr auto spammer_particles = std::to_array<string_view>({"은", "는", "이", "가"});
/// "스팸 메일 발송 서버들" has four.
constexpr std::size_t max_spammer_nouns = 4;

template <std::size_t Size>
bool skip_any(string_view& text, const text::Parts<Size>& parts) {
  const auto* part =
      std::ranges::find_if(parts, [text](string_view one) { return text.starts_with(one); });
  if (part == parts.end()) return false;
  text.remove_prefix(part->size());
  return true;
}

bool speaks_of_spammers(string_view before) {
  const auto is_subject = [](string_view, string_view behind) {
    for (std::size_t i = 0; i < max_spammer_nouns && skip_any(behind, spammer_nouns); ++i) continue;
    return begins_any(behind, spammer_particles);
  };
  const auto near = tail(before, reach_of_condition);
  return any_place(near, "스팸", is_subject) || any_place(near, "봇", is_subject);
}

bool has_condition(string_view before) {
  return holds_any(tail(before, reach_of_condition), if_words);
}

bool is_past_end(string_view behind) {
  return begins_any(behind, past_ends) && !begins_any(behind, past_conditions);
}

bool gives_up_place(string_view before, string_view behind) {
  if (begins_any(behind, no_giving_up) || speaks_of_spammers(before)) return false;
  return is_past_end(behind) || !has_condition(before);
}

bool refuses_tries_in_korean(string_view text) {
  return std::ranges::any_of(words_for_tries, [text](string_view part) {
    return any_place(text, part, [](string_view before, string_view behind) {
      const bool refused = behind_auxiliaries(behind, [](string_view rest) {
        return std::ranges::any_of(doing_not, [rest](string_view end) {
          if (!rest.starts_with(end)) return false;
          const auto then = rest.substr(end.size());
          return !begins_any(then, if_not) || begins_any(then, never_to_come);
        });
      });
      return refused && !holds_any(tail(before, reach_of_until), until_words) &&
             !has_condition(before) && !speaks_of_spammers(before);
    });
  });
}

bool is_last(string_view before, string_view behind) {
  return std::ranges::any_of(last_ends, [&](string_view end) {
    if (!behind.starts_with(end)) return false;
    const auto rest = behind.substr(end.size());
    return !begins_any(rest, not_the_last) && (is_past_end(rest) || !has_condition(before));
  });
}

bool ends_tries_in_korean(string_view text) {
  const bool limit = std::ranges::any_of(limited_tries, [text](string_view part) {
    return any_place(text, part, [](string_view before, string_view behind) {
      skip_any(behind, limit_particles);
      return skip_any(behind, passed_limits) && !begins_any(behind, not_the_last) &&
             !has_condition(before);
    });
  });
  return limit || std::ranges::any_of(stopped_tries, [text](string_view part) {
           return any_place(text, part, [](string_view before, string_view behind) {
             return (behind.empty() || begins_any(behind, stopping_ends)) &&
                    (is_past_end(behind) || !has_condition(before));
           });
         });
}

/// "메일이 대기열에서 삭제되었습니다"; not an attachment, nor what an earlier mail was.
bool is_unqueued_in_korean(string_view before, string_view behind) {
  const auto near = tail(before, reach_of_condition);
  const bool of_mail = (near.empty() || holds_any(near, mails)) && !holds_any(near, other_things);
  return of_mail && skip_any(behind, removals) && (behind == "됨" || is_past_end(behind));
}

/// "반송됩니다" under a condition, or when a time is over.
bool is_return_to_come(string_view before, string_view behind) {
  if (is_past_end(behind) || (!behind.empty() && !begins_any(behind, returned_ends))) return false;
  return has_condition(before) ||
         std::ranges::any_of(time_ends, [before](auto end) { return before.ends_with(end); });
}

bool is_returned(string_view before, string_view behind) {
  if (!behind.empty() && !begins_any(behind, returned_ends)) return false;
  return !begins_any(behind, past_conditions) && !is_return_to_come(before, behind);
}

}  // namespace

bool gives_up_in_korean(string_view text) {
  return any_place(text, "반송", is_returned) || any_place(text, "포기", gives_up_place) ||
         any_place(text, "대기열에서", is_unqueued_in_korean) || any_place(text, "최종", is_last) ||
         refuses_tries_in_korean(text) || ends_tries_in_korean(text);
}

bool announces_return_in_korean(string_view text) {
  return any_place(text, "반송", is_return_to_come);
}

}  // namespace maildiag::bounce
