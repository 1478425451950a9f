#include "bounce/notice_words.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "bounce/clause_words.h"
#include "bounce/given_up.h"
#include "bounce/still_tried.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::begins_any;

/// Where the words tell: a subject has few words, sentences have many.
enum class Where { subject, text, both };

struct NoticeWords {
  string_view words;  ///< in lower case, without blanks
  Told told;
  Where where;
};

constexpr auto notice_words = std::to_array<NoticeWords>({
    {"deliverystatusnotification", Told::nothing, Where::subject},
    {"maildeliverysystem", Told::nothing, Where::subject},
    {"deliverynotification", Told::nothing, Where::subject},
    {"mailsystemerror", Told::nothing, Where::subject},
    {"zustellung", Told::nothing, Where::subject},
    {"전송되지", Told::nothing, Where::subject},
    {"발송되지", Told::nothing, Where::subject},
    {"전달되지", Told::nothing, Where::subject},
    {"undeliver", Told::undelivered, Where::subject},
    {"undeliverable:", Told::undelivered, Where::text},
    {"undeliverablem", Told::undelivered, Where::text},
    {"undeliveredm", Told::undelivered, Where::text},
    {"returnedmail", Told::undelivered, Where::both},
    {"failurenotice", Told::undelivered, Where::both},
    {"deliveryfailed", Told::undelivered, Where::both},
    {"deliveryhasfailed", Told::undelivered, Where::text},
    {"deliveryfailure", Told::undelivered, Where::both},
    {"notification(failure", Told::undelivered, Where::both},
    {"couldnotbedelivered", Told::undelivered, Where::both},
    {"unabletodeliver", Told::undelivered, Where::text},
    {"wasnotdelivered", Told::undelivered, Where::text},
    {"notbeendelivered", Told::undelivered, Where::text},
    {"non-delivery", Told::undelivered, Where::subject},
    {"nondeliver", Told::undelivered, Where::subject},
    {"mailfailure", Told::undelivered, Where::subject},
    {"unzustellbar", Told::undelivered, Where::both},
    {"nichtzugestellt", Told::undelivered, Where::subject},
    {"nonremis", Told::undelivered, Where::subject},
    {"nondistribu", Told::undelivered, Where::subject},
    {"échecdelaremise", Told::undelivered, Where::subject},
    {"nosepuedeentregar", Told::undelivered, Where::subject},
    {"noentregado", Told::undelivered, Where::subject},
    {"nonrecapitabile", Told::undelivered, Where::subject},
    {"nãoentregue", Told::undelivered, Where::subject},
    {"配信不能", Told::undelivered, Where::subject},
    {"配信エラー", Told::undelivered, Where::subject},
    {"送信エラー", Told::undelivered, Where::subject},
    {"返信されたメール", Told::undelivered, Where::subject},
    {"未送达", Told::undelivered, Where::subject},
    {"投递失败", Told::undelivered, Where::subject},
    {"无法投递", Told::undelivered, Where::subject},
    {"退信", Told::undelivered, Where::subject},
    {"無法傳遞", Told::undelivered, Where::subject},
    {"반송", Told::undelivered, Where::subject},
    {"반송안내", Told::undelivered, Where::text},
    {"반송알림", Told::undelivered, Where::text},
    {"반송통지", Told::undelivered, Where::text},
    {"반송메일입니다", Told::undelivered, Where::text},
    {"배달실패", Told::undelivered, Where::both},
    {"전송실패", Told::undelivered, Where::both},
    {"발송실패", Told::undelivered, Where::both},
    {"수신실패", Told::undelivered, Where::subject},
    {"전달실패", Told::undelivered, Where::both},
    {"발송이실패", Told::undelivered, Where::both},
    {"배달에실패", Told::undelivered, Where::text},
    {"전송에실패", Told::undelivered, Where::text},
    {"발송에실패", Told::undelivered, Where::text},
    {"전달에실패", Told::undelivered, Where::text},
    {"배달하지못", Told::undelivered, Where::text},
    {"전송하지못", Told::undelivered, Where::text},
    {"발송하지못", Told::undelivered, Where::text},
    {"전달하지못", Told::undelivered, Where::text},
    {"보내지못", Told::undelivered, Where::text},
    {"보낼수없", Told::undelivered, Where::text},
    {"배달할수없", Told::undelivered, Where::text},
    {"전송할수없", Told::undelivered, Where::text},
    {"발송할수없", Told::undelivered, Where::text},
    {"전달할수없", Told::undelivered, Where::text},
    {"배달불가", Told::undelivered, Where::text},
    {"전송불가", Told::undelivered, Where::text},
    {"발송불가", Told::undelivered, Where::text},
    {"전달불가", Told::undelivered, Where::text},
    {"배달되지못", Told::undelivered, Where::both},
    {"전송되지못", Told::undelivered, Where::both},
    {"발송되지못", Told::undelivered, Where::both},
    {"전달되지못", Told::undelivered, Where::both},
    {"배달되지않", Told::undelivered, Where::both},
    {"전송되지않", Told::undelivered, Where::both},
    {"발송되지않", Told::undelivered, Where::both},
    {"전달되지않", Told::undelivered, Where::both},
    {"delayedmail", Told::delayed, Where::subject},
    {"deliverydelayed", Told::delayed, Where::subject},
    {"warning:message", Told::delayed, Where::subject},
    {"warning:couldnotsend", Told::delayed, Where::both},
    {"notification(delay", Told::delayed, Where::text},
    {"-queueid-", Told::delayed, Where::text},
    {"배달지연", Told::delayed, Where::subject},
    {"전송지연", Told::delayed, Where::subject},
    {"발송지연", Told::delayed, Where::subject},
});

/// Behind such words: what would be, or whatever else is spoken of. "전송되지 않으면", "발송 실패
/// 시".
constexpr auto not_done =
    std::to_array<string_view>({"으면", "을", "는경우", "도록", "하면", "되면", "할", "될", "하는",
                                "시", "하더라도", "율", "횟수", "건수", "여부", "하지않"});
constexpr auto in_case = std::to_array<string_view>({"if", "unless", "until", "whenever"});
/// Behind one of these, and words of the table, a user's own subject stands.
constexpr auto subject_ends = std::to_array<string_view>({":", "：", "]", "】"});
/// What a mail system puts in front has a few.
constexpr std::size_t max_subject_ends = 4;

/// What the words of the table that count there say; a delay before what else they say.
Told told_by_table(string_view joined, bool in_subject, bool across_marks) {
  auto told = Told::nothing;
  for (const auto& entry : notice_words) {
    if (entry.told == Told::nothing || (!in_subject && entry.where == Where::subject)) continue;
    if (told != Told::nothing && entry.told != Told::delayed) continue;
    if (across_marks && entry.words.find_first_of(":-(") == string_view::npos) continue;
    const bool holds = any_place(joined, entry.words, [](string_view, string_view behind) {
      return !begins_any(behind, not_done);
    });
    if (holds) told = entry.told;
  }
  return told;
}

/// Whom tries mean beside who is named, without blanks.
constexpr auto more_words = std::to_array<string_view>(
    {"allrecipients", "alltherecipients", "otherrecipient", "alladdress", "otheraddress",
     "모든수신자", "모든사용자", "전체수신자", "수신자들"});

struct Heard {
  bool returned = false, to_come = false, undelivered = false;
  Tries tries = Tries::none;
  std::vector<std::string> named;  ///< in sentences that tell of tries
  bool means_more = false;         ///< than who is named there
};

void add_told(Told told, Heard& heard) {
  if (told == Told::delayed) heard.tries = Tries::own;
  heard.undelivered = heard.undelivered || told == Told::undelivered;
}

Tries hear_clause(const text::Words& words, bool in_subject, Heard& heard) {
  const auto korean = text::compact(words);
  heard.returned = heard.returned || gives_up(words, korean);
  heard.to_come = heard.to_come || announces_return(words, korean);
  auto tries = tries_in(words, korean);
  const bool in_any_case =
      std::ranges::none_of(words, [](string_view one) { return text::is_any(one, in_case); });
  const auto told = in_any_case ? told_by_table(korean.text, in_subject, false) : Told::nothing;
  // "could not be delivered and will be retried" speaks of one mail.
  if (tries == Tries::implied && told == Told::undelivered) tries = Tries::own;
  heard.tries = std::max(heard.tries, tries);
  // "has not been delivered yet", "delayed and not delivered after 4 hours": so far.
  if (told != Told::undelivered || tries != Tries::own) add_told(told, heard);
  return tries;
}

/// What tries of the next clause can be at most: "When delivery is delayed, we keep trying", "Once
/// you correct it, we will send it again".
Tries most_behind(const text::Words& words) {
  const bool condition = !words.empty() && (text::is_any(words.front(), in_case) ||
                                            words.front() == "when" || words.front() == "once");
  if (!condition) return Tries::own;
  const bool of_reader = std::ranges::find(words, "you") != words.end();
  return of_reader ? Tries::general : Tries::conditional;
}

/// "a@b.example and 2 others", "a@b.example 외 2명에게".
bool means_more(string_view joined) {
  const auto is_digit = [](char one) { return one >= '0' && one <= '9'; };
  const auto counted = [&](string_view before, string_view) {
    return !before.empty() && is_digit(before.back());
  };
  const auto counts = [&](string_view, string_view behind) {
    const auto* end = std::ranges::find_if_not(behind, is_digit);
    return end != behind.begin() &&
           begins_any(string_view(end, behind.end()), text::Parts<2>{"명", "인"});
  };
  return text::holds_any(joined, more_words) || any_place(joined, "other", counted) ||
         any_place(joined, "외", counts);
}

/// "Delivery to a@b.example, c@d.example is delayed": of a sentence that tells of tries.
void note_named(const std::vector<text::Words>& clauses, Heard& heard) {
  for (const auto& words : clauses) {
    heard.means_more = heard.means_more || means_more(text::compact(words).text);
    std::ranges::copy_if(words, std::back_inserter(heard.named),
                         [](string_view one) { return one.find('@') != string_view::npos; });
  }
}

/// Up to where the next one begins.
std::size_t sentence_end(string_view text) {
  for (std::size_t at = 0; at + 1 < text.size(); ++at)
    if (text[at + 1] == ' ' && string_view(".!?").find(text[at]) != string_view::npos)
      return at + 1;
  return text.size();
}

Heard hear(string_view text, bool in_subject) {
  Heard heard;
  auto most = Tries::own;
  for (auto rest = text; !rest.empty();) {
    const auto end = sentence_end(rest);
    const auto clauses = text::clauses_of(rest.substr(0, end));
    rest.remove_prefix(end);
    bool tried = false;
    for (const auto& words : clauses) {
      if (words.empty()) continue;
      const auto before = heard.tries;
      tried = hear_clause(words, in_subject, heard) > Tries::of_clients || tried;
      if (before < most) heard.tries = std::min(heard.tries, most);
      most = most_behind(words);
    }
    if (tried) note_named(clauses, heard);
  }
  // Words across marks: "warning: could not send", "undeliverable:".
  add_told(told_by_table(without_blanks(text), in_subject, true), heard);
  return heard;
}

/// Whether tries of which the text tells are those of this message.
bool is_delayed(const Heard& below, bool undelivered, Refused refused) {
  if (refused == Refused::untold) return below.tries == Tries::own;
  // What happens in a case happens where the reply says that it is the case, and nothing else.
  return refused == Refused::none &&
         (below.tries >= Tries::conditional || (below.tries == Tries::general && !undelivered));
}

}  // namespace

std::string without_blanks(string_view text) {
  std::string joined(text);
  std::erase_if(joined, [](char one) { return one == ' ' || one == '\t'; });
  return joined;
}

bool names_notice(string_view subject) {
  const auto joined = without_blanks(subject);
  return std::ranges::any_of(notice_words, [&joined](const NoticeWords& entry) {
    return entry.where != Where::text && joined.find(entry.words) != std::string::npos;
  });
}

std::string own_subject(string_view subject) {
  std::size_t ends = 0;
  for (std::size_t at = 0; at < subject.size() && ends < max_subject_ends; ++at) {
    if (!begins_any(subject.substr(at), subject_ends)) continue;
    ++ends;
    if (told_by_table(without_blanks(subject.substr(0, at)), true, false) != Told::nothing)
      return std::string(subject.substr(0, at));
  }
  return std::string(subject);
}

Telling told_by(string_view subject, string_view text, Refused refused) {
  const auto own = hear(subject, true);
  auto below = hear(text, false);
  if (below.means_more) below.named.clear();
  const bool waits = own.tries > Tries::of_clients;
  // A delay that says below that the message came back: nobody knows which of both it is.
  if (own.returned) return {Told::returned, {}};
  if (below.returned) return {waits ? Told::nothing : Told::returned, {}};
  const bool undelivered = own.undelivered || below.undelivered;
  // Beside others, who is refused for good is not tried again, whatever the subject says.
  if (waits && refused == Refused::some) return {Told::rest_delayed, {}};
  const bool is_wait =
      waits && (refused != Refused::all || (own.tries == Tries::own && !own.undelivered));
  if (is_wait || is_delayed(below, undelivered, refused))
    return {Told::delayed, waits ? std::vector<std::string>() : std::move(below.named)};
  if ((refused == Refused::some || refused == Refused::each) && below.tries == Tries::own)
    return {Told::rest_delayed, std::move(below.named)};
  // What may come back has not yet; and what may be tried again may not have been given up.
  if (own.to_come || below.to_come || (below.tries > Tries::of_clients && refused != Refused::all))
    return {};
  return {undelivered ? Told::undelivered : Told::nothing, {}};
}

}  // namespace maildiag::bounce
