#include "bounce/from_line.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "bounce/fields.h"
#include "bounce/reply_text.h"
#include "core/clauses.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;
using Words = std::vector<string_view>;

/// RFC 4155 has an address and a date. Addresses of X.400 and their comments are long; sentences
/// are seldom so.
constexpr std::size_t max_line = 500;
constexpr std::size_t min_line = 20;

/// In front of a quoted mail between dashes, as words begin: these are few, what may close a mail
/// or sign it is anything.
constexpr auto quoted_words = std::to_array<string_view>(
    {"original", "returned", "unsent", "undelivered", "forwarded", "header", "follow", "below",
     "nachricht", "kopi", "copie", "copia", "mensaje", "mensagem", "messaggio", "bericht"});
/// Whole words: "copyright", "messaging".
constexpr auto quoted_whole_words =
    std::to_array<string_view>({"copy", "copies", "message", "messages"});
constexpr auto quoted_parts = std::to_array<string_view>(
    {"원본", "원문", "아래", "다음은", "다음과", "반송", "보내신", "헤더", "메시지", "메세지",
     "копия", "сообщени", "以下", "元の", "原始", "原文", "原件", "メッセージ"});
/// "Original message ends", "message body suppressed": nothing follows.
constexpr auto ending_words =
    std::to_array<string_view>({"end", "ends", "ended", "ende", "endet", "fin", "fine", "fim"});
constexpr auto leaving_words =
    std::to_array<string_view>({"suppressed", "omitted", "truncated", "removed", "deleted",
                                "discarded", "stripped", "lost", "cut"});
constexpr auto ending_parts = std::to_array<string_view>({"끝", "종료", "생략", "마침", "終わり"});

constexpr string_view weekday_names = "MonTueWedThuFriSatSun";
constexpr string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// One of `names`, which are three letters each.
bool is_name_of(string_view word, string_view names) {
  const auto at = word.size() == 3 ? names.find(word) : string_view::npos;
  return at != string_view::npos && at % 3 == 0;
}

bool is_number(string_view word, std::size_t least, std::size_t most) {
  return word.size() >= least && word.size() <= most && std::ranges::all_of(word, is_digit);
}

/// "09:30:00" or "09:30"
bool is_clock(string_view word) {
  const bool shape = (word.size() == 5 || word.size() == 8) && word[2] == ':' &&
                     (word.size() == 5 || word[5] == ':');
  return shape && is_digit(word[0]) && is_digit(word[1]) && is_digit(word[3]) && is_digit(word[4]);
}

/// The date of ctime(3); a zone may stand on either side of the year.
bool is_exact(const Words& words) {
  for (std::size_t at = 1; at + 4 < words.size(); ++at) {
    if (is_name_of(words[at], weekday_names) && is_name_of(words[at + 1], month_names) &&
        words[at + 2].size() <= 2 && is_digit(words[at + 2].front()) && is_clock(words[at + 3]))
      return words.size() - at <= 6 &&
             (is_number(words[at + 4], 4, 4) || is_number(words.back(), 4, 4));
  }
  return false;
}

/// "9:30", "09:30:00.123", and with a zone behind it.
bool is_loose_clock(string_view word) {
  word = word.substr(0, word.find_first_of("+-Z."));
  const auto parts = text::split(word, ':');
  return (parts.size() == 2 || parts.size() == 3) && is_number(parts[0], 1, 2) &&
         std::all_of(parts.begin() + 1, parts.end(),
                     [](string_view part) { return is_number(part, 2, 2); });
}

/// "2026-11-21", "21/11/26", "21-Nov-2026"
bool is_full_date(string_view word) {
  for (const char separator : {'-', '/', '.'}) {
    const auto parts = text::split(word, separator);
    if (parts.size() != 3) continue;
    return is_number(parts[0], 1, 4) &&
           (is_number(parts[1], 1, 2) || is_name_of(parts[1], month_names)) &&
           is_number(parts[2], 1, 4);
  }
  return false;
}

/// "KST", "+0900", "+09:00", "GMT+0900", "AM"
bool is_zone(string_view word) {
  const auto sign = word.find_first_of("+-");
  const auto name = word.substr(0, sign);
  const bool named =
      name.size() <= 5 && std::ranges::all_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (sign == string_view::npos) return named && !name.empty();
  const auto offset = word.substr(sign + 1);
  return named && (is_number(offset, 1, 4) || is_loose_clock(offset));
}

/// "Sat", "Saturday"
bool is_weekday(string_view word) {
  return is_name_of(word.substr(0, 3), weekday_names) &&
         (word.size() == 3 || (word.ends_with("day") && std::ranges::all_of(word, is_alnum)));
}

/// What has been met of a date; each part comes once.
struct DateParts {
  int clocks = 0;
  int months = 0;
  int years = 0;
  int full = 0;
  int numbers = 0;  ///< days, and years of two digits
  int weekdays = 0;
  int zones = 0;  ///< "PM +0900 KST"

  bool complete() const {
    const bool day = full == 1 ? months + years + numbers == 0
                               : months == 1 && (years == 1 ? numbers == 1 : numbers == 2);
    return clocks == 1 && day && full <= 1 && years <= 1 && weekdays <= 1 && zones <= 3;
  }
};

bool take_date_word(string_view word, DateParts& parts) {
  while (word.ends_with(',') || word.ends_with('.')) word.remove_suffix(1);
  const auto count = [](bool is, int& part) {
    part += is ? 1 : 0;
    return is;
  };
  if (count(is_weekday(word), parts.weekdays) || count(is_zone(word), parts.zones)) return true;
  if (const auto between = word.find('T'); between != string_view::npos) {  // ISO 8601
    return count(is_full_date(word.substr(0, between)), parts.full) &&
           count(is_loose_clock(word.substr(between + 1)), parts.clocks);
  }
  return count(is_name_of(word, month_names), parts.months) ||
         count(is_number(word, 4, 4), parts.years) || count(is_number(word, 1, 2), parts.numbers) ||
         count(is_loose_clock(word), parts.clocks) || count(is_full_date(word), parts.full);
}

/// `line` behind its sender: one word, or what stands in quotes with its domain.
string_view behind_sender(string_view line) {
  std::size_t at = 0;
  if (line.starts_with('"')) {
    at = 1;
    while (at < line.size() && line[at] != '"') at += line[at] == '\\' ? 2 : 1;
    if (at >= line.size()) return {};
  }
  return text::trim(line.substr(std::min(line.find(' ', at), line.size())));
}

/// Nothing but a date, in any order of its parts, and comments: a sentence with one says more.
bool is_date(string_view rest) {
  DateParts parts;
  while (!rest.empty()) {
    const bool comment = rest.starts_with('(');  // "+0900 (Korea Standard Time)"
    const auto end = std::min(rest.find(comment ? ')' : ' '), rest.size());
    if (comment ? end == rest.size() : !take_date_word(rest.substr(0, end), parts)) return false;
    rest = text::trim(rest.substr(end + (comment ? 1 : 0)));
  }
  return parts.complete();
}

/// `line` without what stands behind a date: "remote from relay", which UUCP adds, and the long
/// names of zones, "Korea Standard Time".
string_view until_date(string_view line) {
  line = text::trim(line);
  constexpr string_view uucp = " remote from ";
  if (const auto remote = line.rfind(uucp);
      remote != string_view::npos && line.find(' ', remote + uucp.size()) == string_view::npos)
    line = line.substr(0, remote);
  if (!line.ends_with(" Standard Time") && !line.ends_with(" Daylight Time") &&
      !line.ends_with(" Summer Time"))
    return line;
  return line.substr(0, line.find_last_of("0123456789") + 1);
}

/// `line` behind "From ", until its date.
bool is_named(string_view line) {
  // "Mail Delivery System Sat, 21 Nov 2026 09:30:00 +0900"; the words of a sentence are small.
  while (!line.empty()) {
    const auto word = line.substr(0, line.find(' '));
    if (word.ends_with(',') && is_weekday(word.substr(0, word.size() - 1))) return is_date(line);
    const bool of_name = (word.front() >= 'A' && word.front() <= 'Z') ||
                         string_view("<(\"").find(word.front()) != string_view::npos;
    if (!of_name) return false;
    line = text::trim(line.substr(word.size()));
  }
  return false;
}

bool names_quote(string_view word) {
  return text::begins_any(word, quoted_words) || text::is_any(word, quoted_whole_words) ||
         text::holds_any(word, quoted_parts);
}

/// "End of the message", "Fin du message", "Message ends here", "No message was collected", but
/// "End user's message" and "a friend of yours".
bool closes_quote(const text::Words& words, std::size_t named) {
  if (words.front() == "no") return true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool of_user =
        words[i] == "end" && i + 1 < words.size() && words[i + 1].starts_with("user");
    if (text::is_any(words[i], ending_words) && !of_user) return true;
    if (text::holds_any(words[i], ending_parts)) return true;
    // "Truncated message" is one, and "message not included" none.
    if (i > named && (words[i] == "not" || text::is_any(words[i], leaving_words))) return true;
  }
  return false;
}

/// A clause between dashes: "Original message", "headers follow".
bool introduces(const text::Words& words) {
  const auto named = std::ranges::find_if(words, names_quote);
  if (named == words.end()) return false;
  if (words.back() == "follow" || words.back() == "follows") return true;
  return !closes_quote(words, static_cast<std::size_t>(named - words.begin()));
}

}  // namespace

FromLine from_line(string_view line) {
  // "From : sender" is a header field.
  if (!line.starts_with("From ") || line.size() < min_line || line.size() > max_line ||
      field_name_length(line) > 0)
    return FromLine::none;
  const auto plain = text::collapse_spaces(line);
  if (!plain.starts_with("From ")) return FromLine::none;  // nothing but blanks behind it
  if (is_exact(text::split(plain, ' '))) return FromLine::exact;
  const auto sent = until_date(string_view(plain).substr(string_view("From ").size()));
  if (is_date(behind_sender(sent))) return FromLine::loose;
  return is_named(sent) ? FromLine::named : FromLine::none;
}

bool introduces_quote(string_view line) {
  line = text::trim(line);
  if (line.ends_with(':') || line.ends_with("\xEF\xBC\x9A")) return true;  // U+FF1A
  if (!line.starts_with("---") || line.size() > max_line) return false;
  // The end of a MIME part has no blanks.
  if (line.find(' ') == string_view::npos) return false;
  return std::ranges::any_of(text::clauses_of(trim_any(line, "-")), introduces);
}

bool begins_header(string_view line, FromLine behind) {
  if (line.starts_with(">From ")) return true;  // of an mbox inside the mbox, or from UUCP
  const auto length = field_name_length(line);
  if (length == 0 || line.substr(length).starts_with("//")) return false;  // "https://..."
  if (behind == FromLine::exact) return true;
  const auto name = text::trim(line.substr(0, length - 1));
  return !is_digit(name.front()) && std::ranges::all_of(name, [](char c) {
    return is_alnum(c) || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace maildiag::bounce
