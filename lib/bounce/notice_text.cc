#include "bounce/notice_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "bounce/charset.h"
#include "bounce/notice_words.h"
#include "bounce/reply_text.h"
#include "core/clauses.h"
#include "core/text.h"

namespace maildiag::bounce {

namespace {

using std::string_view;
using text::holds_any;
using text::is_any;

/// More is a list of recipients, or a copy.
constexpr std::size_t max_notice = 16384;
/// A subject of RFC 5322 has 998; one is asked at each of its colons.
constexpr std::size_t max_subject = 1000;
/// Of a label in front of a colon, in octets.
constexpr std::size_t max_own_label = 90;
/// A line that was wrapped is as wide as this, in columns.
constexpr std::size_t least_wrapped = 56;
constexpr std::size_t max_separator = 120;
/// A copy's header has its first fields together.
constexpr std::size_t max_copy_fields = 12;

/// Labels of what the user wrote, without blanks.
constexpr auto user_labels = std::to_array<string_view>({"subject",        "originalsubject",
                                                         "messagesubject", "title",
                                                         "betreff",        "objet",
                                                         "asunto",         "oggetto",
                                                         "assunto",        "件名",
                                                         "主题",           "主題",
                                                         "标题",           "標題",
                                                         "제목",           "메일제목",
                                                         "원본제목",       "원본메일제목",
                                                         "메일의제목",     "메시지제목",
                                                         "첨부",           "첨부파일",
                                                         "attachment",     "attachments"});
/// Labels of what another server said hold one of these.
constexpr auto others_labels = std::to_array<string_view>(
    {"사유", "원인", "이유", "응답", "오류", "에러", "reason", "error", "response", "diagnostic",
     "said", "fehler", "grund", "原因", "理由"});
/// A line between marks, or in front of a colon, that announces a copy holds one of these.
constexpr auto copy_words = std::to_array<string_view>(
    {"original", "returned message", "copy of", "원본", "원문", "보낸 메일", "보내신 메일",
     "메일 내용", "본문", "ursprüngliche", "d'origine", "元の", "原始", "原邮件"});
constexpr auto no_copy_words =
    std::to_array<string_view>({"정보", "제목", "information", "subject", "status"});
constexpr auto copy_fields = std::to_array<string_view>(
    {"from", "to", "subject", "date", "received", "message-id", "return-path", "mime-version",
     "content-type", "cc", "reply-to", "x-mailer"});
constexpr string_view line_marks = "-*=_#~<>[]()+ \t";

/// Where the first colon of a short label stands; npos: none.
struct LabelEnd {
  std::size_t at = string_view::npos;
  std::size_t length = 0;
};
LabelEnd find_label_end(string_view line) {
  static constexpr string_view wide = "：";
  const auto front = line.substr(0, max_own_label);
  const auto narrow = front.find(':');
  const auto found = front.find(wide);
  if (found < narrow) return {found, wide.size()};
  return {narrow, narrow == string_view::npos ? 0U : 1U};
}

bool is_user_label(string_view label) {
  static constexpr auto bullets =
      std::to_array<string_view>({"·", "•", "▶", "■", "□", "●", "○", "※"});
  label = trim_any(label, line_marks);
  for (const auto bullet : bullets)
    if (label.starts_with(bullet)) label.remove_prefix(bullet.size());
  return is_any(without_blanks(label), user_labels);
}

/// Without what stands between quotes: a subject, or another's words.
std::string without_quoted(string_view line) {
  std::string own;
  while (true) {
    const auto open = line.find('"');
    const auto close = open == string_view::npos ? open : line.find('"', open + 1);
    if (close == string_view::npos) break;
    own += line.substr(0, open);
    own += ' ';
    line.remove_prefix(close + 1);
  }
  return own += line;
}

/// "메일을 전달하지 못했습니다. 사유: ...": a reason's label without the reason, and of a subject
/// nothing.
std::string own_part(string_view line) {
  const auto colon = find_label_end(line);
  if (colon.at == string_view::npos) return without_quoted(line);
  const auto label = line.substr(0, colon.at);
  if (is_user_label(label)) return {};
  if (holds_any(label, others_labels)) return std::string(label);
  return without_quoted(line);
}

/// Where the reply begins in the line that has one.
std::size_t find_reply(string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if ((line[at] != '4' && line[at] != '5') || (at > 0 && is_alnum(line[at - 1]))) continue;
    const auto head = read_reply_head(line.substr(at));
    if ((head && head->code >= 400) || status_length(line.substr(at)) > 0) return at;
  }
  return line.size();
}

/// "was not delivered (450 4.2.1 mailbox busy), it will be retried": without what is in brackets.
std::string around_reply(string_view line) {
  const auto at = find_reply(line);
  auto own = own_part(line.substr(0, at));
  const auto close = at > 0 && at < line.size() && (line[at - 1] == '(' || line[at - 1] == '#')
                         ? line.find(')', at)
                         : string_view::npos;
  if (close != string_view::npos) own += line.substr(close + 1);
  return own;
}

std::size_t indent_of(string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool is_wrapped(string_view line) {
  if (line.size() < least_wrapped || string_view(".!?:;").find(line.back()) != string_view::npos)
    return false;
  return line.size() >= 4 * least_wrapped || text::display_width(line) >= least_wrapped;
}

/// True if a line that ends so goes on in the next one: "rejected: greylisted, your".
bool is_open(string_view line) {
  static constexpr string_view open_ends = "/,(|-";
  static constexpr auto open_words = std::to_array<string_view>(
      {"a",    "an",    "and",  "are", "as",   "at",     "be",   "because", "but", "by",
       "can",  "for",   "from", "has", "if",   "in",     "is",   "its",     "my",  "no",
       "not",  "of",    "on",   "or",  "our",  "please", "so",   "that",    "the", "their",
       "this", "until", "to",   "was", "when", "which",  "will", "with",    "your"});
  const auto blank = line.find_last_of(" \t");
  return open_ends.find(line.back()) != string_view::npos ||
         is_any(text::ascii_lower(line.substr(blank == string_view::npos ? 0 : blank + 1)),
                open_words);
}

string_view last_words(string_view line) {
  static constexpr int some = 4;
  auto at = line.size();
  for (int word = 0; word < some && at != string_view::npos && at > 0; ++word)
    at = line.find_last_of(' ', at - 1);
  return line.substr(at == string_view::npos ? 0 : at);
}

/// A sentence of its own below a line that may have been wrapped: a word with a capital, "I'll",
/// "NOTE:" or all of it, not "MTA will"; or Korean below what is English.
bool begins_sentence(string_view line, string_view above) {
  if (line.size() < 2 || is_open(above)) return false;
  const auto small = [](char one) { return one >= 'a' && one <= 'z'; };
  if (line[0] >= 'A' && line[0] <= 'Z') {
    static constexpr string_view behind_letter = " -'";
    if (small(line[1])) return true;
    if (line.size() > 2 && behind_letter.find(line[1]) != string_view::npos && small(line[2]))
      return true;
    const auto word = line.substr(0, line.find(' '));
    if (word.ends_with(':') && std::ranges::none_of(word, small)) return true;
    // Whoever shouts above shouts on: an address or "said:" may stand in front.
    return std::ranges::none_of(line, small) && std::ranges::any_of(last_words(above), small);
  }
  const bool korean = line[0] >= '\xEA' && line[0] <= '\xED';
  return korean && std::ranges::all_of(above, [](char one) { return one >= ' ' && one <= '~'; });
}

/// Whether line `at` belongs to the reply that begins above it, and is no line of the notice.
bool goes_on_with_reply(const TextReport& report, const LineRange& reply, std::size_t at) {
  const auto line = report.lower(at);
  return indent_of(line) > indent_of(report.lower(reply.begin)) ||
         read_reply_head(text::trim(line)) ||
         (is_wrapped(report.lower(at - 1)) &&
          !begins_sentence(text::trim(report.line(at)), text::trim(report.line(at - 1))));
}

bool is_separator(string_view line) {
  if (line.size() > max_separator || !holds_any(line, copy_words) || holds_any(line, no_copy_words))
    return false;
  static constexpr auto rules = std::to_array<string_view>({"--", "==", "**", "__", "##", "~~"});
  return text::begins_any(line, rules) || line.ends_with(':') || line.ends_with("--") ||
         (line.starts_with('[') && line.ends_with(']'));
}

/// "From:", and another field of a header below; not where a notice lists what it knows of a mail,
/// "Message: B5f1a2b3c" in front.
bool begins_copied_header(const TextReport& report, std::size_t at) {
  const auto above = at > 0 ? text::trim(report.lower(at - 1)) : string_view();
  if (!above.ends_with(':') && std::ranges::any_of(above, is_alnum)) return false;
  std::size_t fields = 0;
  bool from = false;
  for (auto i = at; i < at + max_copy_fields && !report.blank(i); ++i) {
    const auto line = report.lower(i);
    const auto name = line.substr(0, std::min(line.find(':'), line.size()));
    if (name.size() < line.size() && is_any(text::trim(name), copy_fields)) {
      ++fields;
      from = from || text::trim(name) == "from" || name == "received";
    } else if (i == at) {
      return false;
    }
  }
  return from && fields >= 2;
}

bool begins_copy(const TextReport& report, std::size_t at) {
  return is_separator(text::trim(report.lower(at))) || begins_copied_header(report, at);
}

/// "제목" alone above the subject, as cells of a table are.
bool is_bare_label(string_view line) {
  line = text::trim(line);
  const auto colon = find_label_end(line);
  if (colon.at != string_view::npos && colon.at + colon.length < line.size()) return false;
  return is_user_label(line.substr(0, std::min(colon.at, line.size())));
}

}  // namespace

std::string own_text(const TextReport& report, const std::vector<LineRange>& replies,
                     std::size_t first) {
  std::string own;
  auto reply = replies.begin();
  bool in_reply = false, labelled = false;
  for (std::size_t i = 0; i < report.size() && own.size() < max_notice; ++i) {
    const auto line = text::trim(report.lower(i)).substr(0, max_notice);
    while (reply != replies.end() && i >= reply->end) ++reply;
    const bool starts = reply != replies.end() && i == reply->begin;
    if (i > first && !starts && begins_copy(report, i)) break;
    if (line.empty()) {
      own += ". ";
      in_reply = false;
      continue;
    }
    const bool of_user = labelled;
    labelled = is_bare_label(line);
    if (of_user) continue;
    in_reply = starts || (in_reply && reply != replies.end() && i > reply->begin &&
                          goes_on_with_reply(report, *reply, i));
    if (in_reply && !starts) continue;
    own += starts ? around_reply(line) : own_part(line);
    own += !starts && is_wrapped(line) ? " " : ". ";
  }
  return own;
}

std::string subject_of_notice(const TextReport& report) {
  const auto whole = decode_words(report.header().get("Subject")).substr(0, max_subject);
  const auto subject = text::ascii_lower(ascii_punctuation(text::to_valid_utf8(whole)));
  return without_quoted(own_subject(subject));
}

Telling told_by_notice(const TextReport& report, const std::vector<LineRange>& replies,
                       std::size_t first, Refused refused) {
  return told_by(subject_of_notice(report), own_text(report, replies, first), refused);
}

}  // namespace maildiag::bounce
