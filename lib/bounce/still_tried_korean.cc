#include "bounce/still_tried_korean.h"

#include "bounce/clause_words.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::begins_any;
using text::holds_any;

constexpr auto new_tries = std::to_array<string_view>(
    {"재발송", "재전송", "재시도", "재배달", "재전달", "다시발송", "다시전송", "다시배달",
     "다시전달", "다시시도", "계속시도", "자동으로시도", "주기적으로시도"});
/// Tries that only go on where the clause says for how long: "3일 동안 배달을 시도합니다".
constexpr auto plain_tries = std::to_array<string_view>(
    {"배달을시도", "전송을시도", "전달을시도", "발송을시도", "배달시도", "전송시도"});
constexpr auto going_on_words =
    std::to_array<string_view>({"계속", "동안", "까지", "다시", "자동", "주기적", "마다", "간격"});
constexpr auto try_particles =
    std::to_array<string_view>({"을시도", "를시도", "을계속", "를계속", "이계속", "가계속", "시도",
                                "을", "를", "이", "가", "은", "는"});
/// It is being done, or will be; "하였", "해도", "하지", "해 주세요" are something else.
constexpr auto doing = std::to_array<string_view>(
    {"하고있",     "합니다",     "하겠",     "할예정",     "할것",       "하며",       "하게됩",
     "한다",       "해드",       "됩니다",   "될예정",     "되고있",     "되며",       "된다",
     "예정",       "이루어집",   "이루어질", "중입",       "중이며",     "중이고",     "중인",
     "중임",       "중으로",     "하므로",   "하오니",     "되므로",     "되오니",     "되니",
     "진행합니다", "진행하고있", "진행하며", "진행하겠",   "진행할예정", "진행됩니다", "진행되고있",
     "진행되며",   "진행될예정", "진행중입", "진행중이며", "진행중이고", "진행중임"});
/// "재시도 예정이 없습니다", "재전송 예정 시간이 지났습니다", "재시도합니다만".
constexpr auto not_doing = std::to_array<string_view>(
    {"예정이없",     "예정없",       "예정은없",   "예정에없",     "예정도없",       "예정되어있지",
     "예정이었",     "예정이취소",   "예정취소",   "예정시간이지", "예정시간이경과", "예정시간을",
     "예정시간초과", "예정시간경과", "할예정이없", "할예정은없",   "할예정없",       "할예정이었",
     "될예정이없",   "될예정은없",   "될예정없",   "될예정이었",   "합니다만",       "됩니다만",
     "한다고",       "한다해도",     "된다고",     "된다해도"});
constexpr auto sending_again = std::to_array<string_view>(
    {"다시보냅니다", "다시보내드", "다시보내집", "다시보낼예정", "다시보내고있", "다시보내게됩"});
constexpr auto waiting = std::to_array<string_view>({"발송", "전송", "배달", "메일", "재시도"});
constexpr auto waits = std::to_array<string_view>({"입니다", "이며", "이고", "임", "상태"});
constexpr auto queued = std::to_array<string_view>(
    {"에있", "에남아", "에보관", "에저장", "에등록", "에서대기", "에대기", "에추가", "에들어"});
constexpr auto no_longer_queued = std::to_array<string_view>(
    {"있었", "있던", "에서삭제", "삭제되었", "삭제됐", "삭제하였", "삭제했", "삭제처리되었",
     "제거되었", "제거됐", "제거하였", "제거했", "폐기되었", "폐기됐", "폐기하였", "폐기했"});
constexpr auto late_mails =
    std::to_array<string_view>({"배달", "전송", "발송", "전달", "송신", "메일"});
constexpr auto lateness =
    std::to_array<string_view>({"되고", "되었습", "됐습", "됩니다", "되어있", "되는중", "중",
                                "입니다", "상태", "안내", "알림", "통지", "통보", "경고", "됨"});
constexpr auto late_particles =
    std::to_array<string_view>({"이", "가", "은", "는", "이다소", "이계속", "이현재", "이잠시"});
constexpr auto not_yet = std::to_array<string_view>({"못", "않"});
constexpr auto arriving_in_korean =
    std::to_array<string_view>({"전달", "배달", "전송", "발송", "도착", "송신"});
/// "버튼을 누르면 재전송됩니다": what the reader has to do first.
constexpr auto readers_deeds =
    std::to_array<string_view>({"누르면", "클릭하면", "보내면", "선택하면", "설정하면", "요청하면",
                                "원하면", "하시면", "르시면", "클릭시", "누를시", "선택시"});
/// "버튼을 누르시면 메일이 즉시 재발송됩니다": how far in front of the try it may stand.
constexpr std::size_t reach_of_deed = 10 * korean_syllable;
/// How far off the rest of a phrase may stand.
constexpr std::size_t reach_of_phrase = 16 * korean_syllable;

bool is_done_then(string_view rest) {
  return rest == "진행중" || (begins_any(rest, doing) && !begins_any(rest, not_doing));
}

/// Not that he waits: "잠시 대기하시면 자동으로 재전송됩니다".
bool asks_reader(string_view before) {
  const auto near = tail(before, reach_of_deed);
  return std::ranges::any_of(readers_deeds, [near](string_view deed) {
    return any_place(near, deed,
                     [](string_view front, string_view) { return !front.ends_with("대기"); });
  });
}

/// "재시도중", "메일 발송 재시도" alone, and not "재시도중단".
bool is_doing(string_view behind) {
  if (is_done_then(behind) || behind == "중" || behind == "함") return true;
  const auto* particle = std::ranges::find_if(
      try_particles, [behind](string_view one) { return behind.starts_with(one); });
  return particle != try_particles.end() && is_done_then(behind.substr(particle->size()));
}

bool is_new_try(string_view text) {
  const auto goes_on = [](string_view before, string_view behind) {
    return is_doing(behind) && !asks_reader(before);
  };
  const auto each = [text](const auto& parts, const auto& holds) {
    return std::ranges::any_of(parts,
                               [&](string_view part) { return any_place(text, part, holds); });
  };
  const auto unasked = [](string_view before, string_view) { return !asks_reader(before); };
  return each(new_tries, goes_on) || each(sending_again, unasked) ||
         each(plain_tries, [](string_view before, string_view behind) {
           return is_doing(behind) && holds_any(tail(before, reach_of_phrase), going_on_words);
         });
}

bool waits_in_korean(string_view text) {
  const auto is_waiting = [](string_view before, string_view behind) {
    return (behind.empty() || begins_any(behind, waits)) &&
           holds_any(tail(before, reach_of_phrase), waiting);
  };
  const auto is_queued = [](string_view, string_view behind) {
    return begins_any(behind, queued) &&
           !holds_any(behind.substr(0, reach_of_phrase), no_longer_queued);
  };
  return any_place(text, "대기중", is_waiting) || any_place(text, "대기열", is_queued);
}

/// "배달이 지연되고 있습니다"; not "일시적 지연으로 실패".
bool is_late_in_korean(string_view before, string_view behind) {
  if (!behind.empty() && !begins_any(behind, lateness)) return false;
  const auto near = tail(before, reach_of_phrase);
  // "메일 전송이 수신 서버의 응답 지연으로 지연되고 있습니다"
  if (behind.starts_with("되고있") && holds_any(near, late_mails)) return true;
  return std::ranges::any_of(late_mails, [near](string_view mail) {
    return near.ends_with(mail) || std::ranges::any_of(late_particles, [&](string_view one) {
             return near.ends_with(one) && near.substr(0, near.size() - one.size()).ends_with(mail);
           });
  });
}

bool is_not_yet(string_view, string_view behind) {
  const auto near = behind.substr(0, reach_of_phrase);
  return std::ranges::any_of(arriving_in_korean, [near](string_view verb) {
    const auto at = near.find(verb);
    return at != string_view::npos && holds_any(near.substr(at), not_yet);
  });
}

}  // namespace

bool is_still_tried_in_korean(string_view text) {
  return is_new_try(text) || waits_in_korean(text) || any_place(text, "지연", is_late_in_korean) ||
         any_place(text, "아직", is_not_yet);
}

}  // namespace maildiag::bounce
