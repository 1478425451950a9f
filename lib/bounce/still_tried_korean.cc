#include "bounce/still_tried_korean.h"

#include <algorithm>

#include "bounce/clause_words.h"
#include "bounce/korean_tries.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::begins_any;
using text::holds_any;
using text::is_any;

constexpr auto new_tries = std::to_array<string_view>(
    {"재발송", "재전송", "재시도", "재배달", "재전달", "다시발송", "다시전송", "다시배달",
     "다시전달", "다시시도", "계속시도", "자동으로시도", "주기적으로시도"});
/// Tries that only go on where the clause says for how long: "3일 동안 배달을 시도합니다".
constexpr auto plain_tries = std::to_array<string_view>(
    {"배달을시도", "전송을시도", "전달을시도", "발송을시도", "배달시도", "전송시도"});
constexpr auto going_on_words =
    std::to_array<string_view>({"계속", "동안", "까지", "다시", "자동", "주기적", "마다", "간격"});
/// It is being done, or will be; "하였", "해도", "하지", "해 주세요" are something else.
constexpr auto doing = std::to_array<string_view>(
    {"하고있",     "합니다",   "하겠",   "할예정",   "할것",         "할겁",         "하며",
     "하게됩",     "한다",     "해드",   "됩니다",   "될예정",       "될것",         "될겁",
     "되고있",     "되며",     "된다",   "예정",     "중입",         "중이",         "중인",
     "중임",       "중으로",   "중에있", "이루어집", "이루어지므로", "이루어지오니", "이루어지니",
     "이루어지며", "이루어질", "하므로", "하오니",   "되므로",       "되오니",       "되니",
     "하는중",     "되는중"});
/// A noun may tell of what has been, too, "3회 재시도 진행함", unless one of these stands in front.
constexpr auto done_or_doing = std::to_array<string_view>({"함", "됨", "진행", "진행함"});
constexpr auto going_on_marks = std::to_array<string_view>({"계속", "까지", "마다", "예정"});
/// "재시도 예정이 없습니다", "재전송 예정 시간이 지났습니다", "재시도 중이었으나".
constexpr auto not_doing = std::to_array<string_view>(
    {"예정이없",       "예정없",         "예정은없",     "예정에없",     "예정도없",
     "예정되어있지",   "예정이었",       "예정이취소",   "예정취소",     "예정이아",
     "예정시간이지",   "예정시간이경과", "예정시간을넘", "예정시간을지", "예정시간을초과",
     "예정시간을경과", "예정시간초과",   "예정시간경과", "할예정이없",   "할예정은없",
     "할예정없",       "할예정이었",     "할예정이아",   "될예정이없",   "될예정은없",
     "될예정없",       "될예정이었",     "될예정이아",   "할것이아",     "될것이아",
     "할것은아",       "될것은아",       "중이었",       "중이던",       "중이다가",
     "중이아",         "중에있었",       "중에있던",     "한다고",       "한다해도",
     "된다고",         "된다해도"});
constexpr auto sending_again = std::to_array<string_view>(
    {"다시보냅니다", "다시보내드", "다시보내집", "다시보낼예정", "다시보내고있", "다시보내게됩"});
constexpr auto waiting = std::to_array<string_view>({"발송", "전송", "배달", "메일", "재시도"});
constexpr auto waits = std::to_array<string_view>({"입니다", "이며", "이고", "임", "상태"});
constexpr auto queued = std::to_array<string_view>(
    {"에있", "에남아", "에보관", "에저장", "에등록", "에서대기", "에대기", "에추가", "에들어"});
/// Deleted was another: "대기열에 등록되었으며 이전 메일은 삭제되었습니다"; not "첨부 제한으로".
constexpr auto other_mails =
    std::to_array<string_view>({"이전메일", "기존메일", "다른메일", "중복메일", "첨부파일은",
                                "첨부파일이", "첨부파일만", "첨부는", "첨부가", "첨부만"});
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
/// "버튼을 누르면 재전송됩니다": what the reader has to do first. The honorific "-시면" is the
/// reader's, whatever he does.
constexpr auto readers_deeds = std::to_array<string_view>({"보내", "선택", "설정", "신청", "원하"});
/// However it goes on: "클릭하여", "눌러", and not "누르지 않아도".
constexpr auto pressing =
    std::to_array<string_view>({"누르", "눌러", "누른", "누를", "누름", "클릭"});
constexpr auto not_pressing = std::to_array<string_view>({"지않", "하지않", "지마", "하지마"});
/// "발송 요청 후 3일 동안": his mail, not a deed of now.
constexpr auto own_requests =
    std::to_array<string_view>({"발송", "전송", "접수", "예약", "배달", "전달"});
/// In front of them: "다시 발송 요청 후", "고객센터에 발송 요청 후".
constexpr auto asked_again =
    std::to_array<string_view>({"재", "다시", "에게", "께", "관리자", "담당자", "센터", "센터에",
                                "센터로", "팀에", "팀으로", "부서에", "부서로"});
/// Behind "요청 후": for how long, or how.
constexpr auto since_then = std::to_array<string_view>(
    {"총", "약", "최대", "계속", "자동", "이틀", "하루", "사흘", "며칠", "일정"});
constexpr auto deed_fillers = std::to_array<string_view>({"하", "해", "여", "주", "신", "한"});
constexpr auto deed_ends = std::to_array<string_view>({"면", "후", "뒤", "시"});
/// "설정 시간마다", and not "클릭 시".
constexpr auto no_deed_ends =
    std::to_array<string_view>({"시간", "시각", "시점", "시도", "시스템", "후보"});
/// "잠시 대기하시면", "기다려 주시면": he need not do anything.
constexpr auto waiting_deeds = std::to_array<string_view>({"대기하", "기다리", "기다려주"});
/// "다시 보내면 중복되며": a warning.
constexpr auto warned_of = std::to_array<string_view>({"중복", "두번"});
/// "버튼을 누르시면 메일이 즉시 재발송됩니다": how far in front of the try it may stand.
constexpr std::size_t reach_of_deed = 10 * korean_syllable;
/// Under a case: of mails in general.
constexpr auto case_words = std::to_array<string_view>(
    {"경우",       "시에는",       "오류시",     "에러시",   "실패시",  "지연시",
     "장애시",     "발생시",       "불가시",     "해제시",   "오류는",  "에러는",
     "장애는",     "오류에대해",   "오류에한해", "메일들",   "나머지",  "지연메일",
     "지연된메일", "지연되는메일", "실패한메일", "못한메일", "않은메일"});
/// When something comes true: "휴면 상태가 해제되면".
constexpr auto condition_ends =
    std::to_array<string_view>({"되면", "하면", "으면", "지면", "라면", "이면"});
/// What stands in front of a try that is this mail's: "메일 서버가 30분 간격으로". With any other
/// word it may be another's: "일시적 장애는", "나머지 수신자에게는".
constexpr auto plain_words = std::to_array<string_view>(
    {"별도의", "별도",       "조치",     "없이",   "귀하의", "고객님의", "고객님께서", "보내주신",
     "보내신", "보낸",       "발송하신", "해당",   "저희",   "당사",     "메일",       "이메일",
     "메시지", "메세지",     "편지",     "시스템", "서버",   "배달",     "전송",       "발송",
     "전달",   "자동적으로", "자동",     "주기적", "정기적", "지속적",   "계속해서",   "계속",
     "다시",   "앞으로",     "향후",     "현재",   "이경우", "이후",     "잠시후",     "최대",
     "동안",   "간격",       "이내",     "까지",   "마다",   "한번",     "한번씩",     "님께",
     "님에게", "시간",       "약",       "매",     "분",     "일",       "간",         "후",
     "내",     "으로",       "로",       "에서",   "에",     "은",       "는",         "이",
     "가",     "을",         "를"});
/// "오류 시스템", "발생시켜", "지연되면서": parts of other words.
constexpr auto no_cases = std::to_array<string_view>({"스템", "키", "켰", "킨", "킴", "서"});
constexpr auto new_words = std::to_array<string_view>({"서버", "서비스"});
/// "정상 메일 서버는": what others do.
constexpr auto client_subjects =
    std::to_array<string_view>({"정상서버", "정상메일서버", "정상적인서버", "정상적인메일서버",
                                "정상발송서버", "정상적인발송서버"});
/// How far off the rest of a phrase may stand.
constexpr std::size_t reach_of_phrase = 16 * korean_syllable;

bool is_done_then(string_view rest) {
  return rest == "중" || (begins_any(rest, doing) && !begins_any(rest, not_doing));
}

/// Behind the stem of a deed: "해 주시면", " 후", "시".
bool is_deed(string_view behind) {
  for (int filler = 0; filler < max_auxiliaries; ++filler) {
    const auto polite = behind.starts_with("시면");
    if (polite || (begins_any(behind, deed_ends) && !begins_any(behind, no_deed_ends))) {
      behind.remove_prefix(polite ? 2 * korean_syllable : korean_syllable);
      return !begins_any(behind, warned_of);
    }
    const auto* part = std::ranges::find_if(
        deed_fillers, [behind](string_view one) { return behind.starts_with(one); });
    if (part == deed_fillers.end()) return false;
    behind.remove_prefix(part->size());
  }
  return false;
}

bool holds_digit(string_view text) {
  return std::ranges::any_of(text, [](char one) { return one >= '0' && one <= '9'; });
}

bool asks_reader(string_view before) {
  const auto near = tail(before, reach_of_deed);
  const auto does = [](string_view, string_view behind) { return is_deed(behind); };
  const auto polite = [](string_view front, string_view behind) {
    return !begins_any(behind, warned_of) &&
           std::ranges::none_of(waiting_deeds,
                                [front](string_view one) { return front.ends_with(one); });
  };
  const auto requests = [&](string_view near_front, string_view behind) {
    const auto front = before.substr(0, before.size() - near.size() + near_front.size());
    const bool his_mail = std::ranges::any_of(own_requests, [front](string_view one) {
      if (!front.ends_with(one)) return false;
      const auto rest = front.substr(0, front.size() - one.size());
      return std::ranges::none_of(asked_again,
                                  [rest](string_view word) { return rest.ends_with(word); });
    });
    const bool since = (behind.starts_with("후") || behind.starts_with("뒤")) &&
                       (holds_digit(behind.substr(korean_syllable, 1)) ||
                        begins_any(behind.substr(korean_syllable), since_then));
    return !(his_mail && since) && is_deed(behind);
  };
  const auto presses = [](string_view, string_view behind) {
    return !begins_any(behind, not_pressing);
  };
  const auto any_deed = [near](const auto& parts, const auto& holds) {
    return std::ranges::any_of(parts,
                               [&](string_view part) { return any_place(near, part, holds); });
  };
  return any_place(near, "시면", polite) || any_place(near, "요청", requests) ||
         any_deed(readers_deeds, does) || any_deed(pressing, presses);
}

/// "재시도 진행", "계속 재시도됨", and not "3회 재시도 진행함".
bool may_be_doing(string_view before, string_view behind) {
  if (!is_any(behind, done_or_doing)) return false;
  const auto near = tail(before, reach_of_phrase);
  return holds_any(near, going_on_marks) || (behind != "진행함" && !holds_digit(near));
}

/// "재시도중", "재시도를 진행합니다", and not "재시도중단".
bool is_doing(string_view before, string_view behind) {
  return behind_auxiliaries(behind, is_done_then) || may_be_doing(before, behind);
}

/// What stands in front is of this mail, its server, and how long or how often it tries.
bool is_plain(string_view before) {
  if (before.size() > 2 * reach_of_phrase) return false;
  const bool addressed = before.find('@') != string_view::npos;
  while (!before.empty()) {
    const auto* word = std::ranges::find_if(
        plain_words, [before](string_view one) { return before.starts_with(one); });
    const char one = before.front();
    const bool plain =
        (one >= '0' && one <= '9') || one == '~' || (addressed && one > ' ' && one <= '~');
    if (word == plain_words.end() && !plain) return false;
    before.remove_prefix(word == plain_words.end() ? 1 : word->size());
  }
  return true;
}

template <class Holds>
bool any_new_try(string_view text, const Holds& holds) {
  const auto goes_on = [&](string_view before, string_view behind) {
    return is_doing(before, behind) && !asks_reader(before) && holds(before, behind);
  };
  const auto each = [text](const auto& parts, const auto& wanted) {
    return std::ranges::any_of(parts,
                               [&](string_view part) { return any_place(text, part, wanted); });
  };
  const auto unasked = [&](string_view before, string_view behind) {
    return !asks_reader(before) && holds(before, behind);
  };
  return each(new_tries, goes_on) || each(sending_again, unasked) ||
         each(plain_tries, [&](string_view before, string_view behind) {
           return is_doing(before, behind) &&
                  holds_any(tail(before, reach_of_phrase), going_on_words) && holds(before, behind);
         });
}

bool is_new_try(string_view text) {
  return any_new_try(text, [](string_view, string_view) { return true; });
}

/// "3일 동안 자동으로 재시도합니다"; a noun says it of nobody: "일시적 오류 (자동 재시도됨)".
bool is_own_try(string_view text) {
  return any_new_try(text, [](string_view before, string_view behind) {
    return !is_any(behind, done_or_doing) && is_plain(before);
  });
}

bool waits_in_korean(string_view text) {
  const auto waits_there = [](string_view before, string_view behind) {
    return (behind.empty() || begins_any(behind, waits)) &&
           holds_any(tail(before, reach_of_phrase), waiting);
  };
  const auto is_queued = [](string_view, string_view behind) {
    const auto near = behind.substr(0, reach_of_phrase);
    return begins_any(behind, queued) &&
           (!holds_any(near, no_longer_queued) || holds_any(near, other_mails));
  };
  return any_place(text, "대기중", waits_there) || any_place(text, "대기열", is_queued);
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

/// "배달이 지연되고 있습니다", "아직 전달되지 않았습니다".
bool is_waiting(string_view text) {
  return waits_in_korean(text) || any_place(text, "지연", is_late_in_korean) ||
         any_place(text, "아직", is_not_yet);
}

bool announces_tries(string_view text) {
  return is_new_try(text) || is_waiting(text);
}

bool is_cut_word(string_view behind) {
  return begins_any(behind, no_cases) && !begins_any(behind, new_words);
}

/// The first place of one of them that is no part of another word; npos: none. "이 경우", in this
/// case, is none.
template <std::size_t Size>
std::size_t find_first(string_view text, const text::Parts<Size>& parts) {
  static constexpr string_view this_case = "이경우";
  auto first = string_view::npos;
  for (const auto part : parts) {
    auto at = text.find(part, text.starts_with(this_case) ? this_case.size() : 0);
    while (at < first && is_cut_word(text.substr(at + part.size()))) at = text.find(part, at + 1);
    first = std::min(first, at);
  }
  return first;
}

}  // namespace

Tries tries_in_korean(string_view text) {
  if (!announces_tries(text)) return Tries::none;
  if (holds_any(text, client_subjects)) return Tries::of_clients;
  // Tries that are told in front of the case are under none.
  const auto case_begin = find_first(text, case_words);
  if (case_begin != string_view::npos && !announces_tries(text.substr(0, case_begin)))
    return Tries::general;
  const auto condition = find_first(text, condition_ends);
  if (condition != string_view::npos && !announces_tries(text.substr(0, condition)))
    return Tries::conditional;
  return is_waiting(text) || is_own_try(text) ? Tries::own : Tries::implied;
}

}  // namespace maildiag::bounce
