// Any other text: lines that hold a reply, each with the recipient that stands nearest above or in
// it.

#include <algorithm>
#include <array>

#include "bounce/notice_settled.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// What people and mail systems put in front of a reply.
constexpr string_view reply_marks = "<>'\"|*# ";

/// Replies that one text without a known form may hold; more are repetitions.
constexpr std::size_t max_generic_failures = 200;

/// Words of a failure without a code, for texts that are known to be a bounce.
constexpr std::array<string_view, 35> failure_words{"this user doesn't have a",
                                                    "user unknown",
                                                    "unknown user",
                                                    "no such user",
                                                    "mailbox full",
                                                    "mailbox is full",
                                                    "over quota",
                                                    "overquota",
                                                    "quota exceeded",
                                                    "mailbox unavailable",
                                                    "not listed in",
                                                    "couldn't be found",
                                                    "could not be found",
                                                    "was not found",
                                                    "does not exist",
                                                    "doesn't exist",
                                                    "host unknown",
                                                    "host not found",
                                                    "unrouteable address",
                                                    "timed out",
                                                    "connection refused",
                                                    "lost connection with",
                                                    "not offered by host",
                                                    "lookup failed",
                                                    "couldn't find",
                                                    "access denied",
                                                    "tls connect failed",
                                                    "retry time",
                                                    "존재하지 않",
                                                    "없는 사용자",
                                                    "없는 계정",
                                                    "휴면",
                                                    "수신거부",
                                                    "수신 거부",
                                                    "용량"};

/// Words that only tell that a mail did not arrive.
constexpr std::array<string_view, 24> outcome_words{"has stopped the following",
                                                    "has been quarantined",
                                                    "not been delivered",
                                                    "was not delivered",
                                                    "could not be delivered",
                                                    "recipients has been delayed",
                                                    "delivery is delayed to these",
                                                    "배달이 지연",
                                                    "undeliverable",
                                                    "unable to deliver",
                                                    "error occurred while trying to deliver",
                                                    "rejected",
                                                    "blocked",
                                                    "nicht zugestellt",
                                                    "non remis",
                                                    "no se pudo entregar",
                                                    "配信できません",
                                                    "无法投递",
                                                    "배달되지",
                                                    "전달되지",
                                                    "전송되지",
                                                    "발송되지",
                                                    "반송",
                                                    "차단"};

/// Labels in front of a reason ("실패원인 : ...", "Fehlermeldung: ...") hold one of these.
constexpr std::array<string_view, 19> reason_labels{
    "reason", "error",  "grund", "fehler", "motif", "motivo", "erreur", "raison", "原因", "理由",
    "错误",   "エラー", "이유",  "사유",   "원인",  "메시지", "메세지", "응답",   "오류"};
/// Labels that say nothing but that a reason follows.
constexpr std::array<string_view, 16> plain_reasons{
    "reason", "the reason", "reason for failure", "grund",    "motif", "motivo",
    "raison", "原因",       "失败原因",           "退信原因", "理由",  "エラー内容",
    "사유",   "실패 원인",  "실패사유",           "반송 사유"};
constexpr std::array<string_view, 14> recipient_labels{
    "to",     "recipient", "recipients", "empfänger", "empfaenger", "destinataire", "destinatario",
    "收件人", "收件者",    "宛先",       "받는사람",  "받는 사람",  "수신자",       "수신인"};
/// What such a label has at most, in octets.
constexpr std::size_t max_label = 60;

/// "Label: value", also with the wide colon of Chinese and Japanese.
struct Labelled {
  std::string label;  ///< ASCII letters in lower case; empty: none
  string_view value;
};
Labelled labelled(string_view line) {
  static constexpr string_view wide_colon = "\xEF\xBC\x9A";  // U+FF1A
  line = text::trim(line);
  const auto front = line.substr(0, max_label);
  const auto narrow = front.find(':');
  const auto wide = front.find(wide_colon);
  const auto colon = std::min(narrow, wide);
  if (colon == string_view::npos) return {{}, line};
  const auto value = line.substr(colon + (wide < narrow ? wide_colon.size() : 1));
  return {text::ascii_lower(text::trim(line.substr(0, colon))), text::trim(value)};
}

template <std::size_t N>
bool is_one_of(string_view label, const std::array<string_view, N>& labels) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

string_view without_label(string_view line) {
  const auto parts = labelled(line);
  if (parts.value.empty()) return text::trim(line);
  const bool known =
      std::any_of(reason_labels.begin(), reason_labels.end(),
                  [&parts](string_view w) { return parts.label.find(w) != std::string::npos; });
  return known ? parts.value : text::trim(line);
}

/// The first line that says a reason behind its label; size(): none.
std::size_t find_reason(const TextReport& report) {
  for (std::size_t i = 0; i < report.size(); ++i) {
    const auto [label, value] = labelled(report.line(i));
    if (!value.empty() && is_one_of(label, plain_reasons)) return i;
  }
  return report.size();
}

/// A reply where lines of replies begin, or behind words that announce one. `weak`: behind any
/// label.
bool holds_reply(string_view line, string_view lower, bool weak) {
  const auto start = trim_any(line, reply_marks);
  const auto head = read_reply_head(start);
  if (head && head->code >= 400 && start.size() > 5) {
    // "500 messages were sent" is a sentence, "550 Mailbox ..." a reply: numbers that begin lines
    // of prose are few.
    return true;
  }
  if (line.find_first_of("45") == string_view::npos) return false;
  if (weak && line.find(": ") != string_view::npos && parse_reply(line).reply.code >= 400)
    return true;
  for (const auto words :
       {string_view("smtp;"), string_view(" said:"), string_view("reason:"), string_view("error"),
        string_view("returned"), string_view("status"), string_view("diagnos"),
        string_view("response"), string_view("deferred"), string_view("host ")}) {
    if (lower.find(words) == string_view::npos) continue;
    const auto parsed = parse_reply(line);
    return parsed.reply.code >= 400 ||
           (!parsed.reply.status.empty() && parsed.reply.status[0] != '2');
  }
  for (std::size_t at = 1; at + 9 < line.size(); ++at) {
    if ((line[at] != '4' && line[at] != '5') || is_alnum(line[at - 1]) || line[at - 1] == '.')
      continue;
    const auto inner = read_reply_head(line.substr(at));
    if (inner && !inner->status.empty()) return true;
  }
  return status_length(start) > 0 && start.size() > 8;
}

/// Last, as a notice names the mail's sender, too: whom it was sent to.
std::string nearest_recipient(const TextReport& report, std::size_t at) {
  const auto own = addresses_of(report.header().get("To"));
  const auto is_own = [&own](string_view address) {
    return std::any_of(own.begin(), own.end(),
                       [&](const std::string& a) { return text::equals_ignore_case(a, address); });
  };
  std::string last;
  for (std::size_t up = 0; up <= std::min<std::size_t>(at, 15); ++up) {
    if (up > 0 && report.blank(at - up) && up > 10) break;
    // Above an earlier reply stand the recipients of that one.
    if (up > 0 && read_reply_head(trim_any(report.line(at - up), reply_marks))) break;
    const auto line = report.line(at - up);
    const auto found = find_address(line);
    if (!found) continue;
    // The sender's own and the reporter's address stand in fields.
    const auto lower = text::trim(report.lower(at - up));
    if (lower.starts_with("from:") || lower.starts_with("sender") ||
        lower.find("postmaster@") != string_view::npos ||
        lower.find("mailer-daemon@") != string_view::npos ||
        lower.find("mail from") != string_view::npos) {
      continue;
    }
    if (up > 0 || found->begin < 3 || lower.find("user") != string_view::npos ||
        lower.find("rcpt") != string_view::npos || lower.find("recipient") != string_view::npos ||
        lower.find("message to ") != string_view::npos) {
      auto address = std::string(found->address);
      if (!is_own(address)) return address;
      // "From: a@b To: c@d" in one line.
      const auto more = find_address(line.substr(found->end));
      if (more && !is_own(more->address)) return std::string(more->address);
      if (last.empty()) last = std::move(address);
    }
  }
  return last;
}

std::size_t blanks_before(string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

/// Postfix's "<lee@receiver.example>: host mx.receiver.example said: ...".
bool opens_recipient(string_view line) {
  const auto found = find_address(line);
  return found && found->begin == 0 && line.starts_with('<') &&
         line.substr(found->end).starts_with(':');
}

std::size_t reply_end(const TextReport& report, std::size_t begin) {
  auto end = begin + 1;
  const auto first = read_reply_head(trim_any(report.line(begin), reply_marks));
  const bool block = opens_recipient(report.line(begin));
  while (end < report.size() && !report.blank(end) && end - begin < TextReport::max_block_lines) {
    // "    203.0.113.7: No such user" is no field there, but the rest of the reply.
    if (block && blanks_before(report.line(end)) > 0) {
      ++end;
      continue;
    }
    const auto line = trim_any(report.line(end), reply_marks);
    const auto head = read_reply_head(line);
    if (head && (!first || head->code != first->code)) break;
    const auto address = find_address(line);
    const bool wrapped = blanks_before(report.line(end)) > blanks_before(report.line(begin));
    if (address && address->begin == 0 && !wrapped &&
        (address->end == line.size() || line[address->end] == ':'))
      break;
    if (text::starts_with_ignore_case(line, "Remote system:")) break;  // Oracle's next field
    if (field_name_length(line) > 0 && line.find("://") == string_view::npos && !first) break;
    ++end;
  }
  return end;
}

/// "... to the following recipients:" with the address alone on the next line, or the fields of the
/// stopped mail, one of which is "To:".
std::string recipient_below(const TextReport& report, std::size_t at) {
  while (report.blank(at) && at < report.size()) ++at;
  const auto line = text::trim(report.line(at));
  const auto found = find_address(line);
  if (found && found->begin == 0 && found->end == line.size()) return std::string(found->address);
  const auto last = at + TextReport::max_block_lines;
  for (; at < last && !report.blank(at); ++at) {
    const auto [label, value] = labelled(report.line(at));
    if (!is_one_of(label, recipient_labels)) {
      if (field_name_length(text::trim(report.line(at))) == 0) break;
      continue;
    }
    const auto addresses = addresses_of(value);
    if (!addresses.empty()) return addresses.front();
  }
  return {};
}

/// The first line with one of the words; size(): none.
template <std::size_t N>
std::size_t find_words(const TextReport& report, const std::array<string_view, N>& words) {
  for (std::size_t i = 0; i < report.size(); ++i) {
    const auto lower = report.lower(i);
    const auto holds = [&](string_view w) { return lower.find(w) != string_view::npos; };
    if (std::any_of(words.begin(), words.end(), holds)) return i;
  }
  return report.size();
}

/// Notices for people are wrapped; the reason often stands in the next line ("... because it may
/// contain a virus:").
std::size_t end_of_sentence(const TextReport& report, std::size_t at) {
  while (!report.blank(at) && string_view(".:!").find(report.line(at).back()) == string_view::npos)
    ++at;
  if (report.blank(at)) return at;
  const bool announces = report.line(at).back() == ':';
  ++at;
  // "... was rejected for the following reasons:", and these in a paragraph of their own.
  const auto next = text::trim(report.line(at + 1));
  if (!announces || !report.blank(at) || field_name_length(next) > 0 || find_address(next))
    return at;
  auto end = at + 1;
  while (!report.blank(end)) ++end;
  return end > at + 1 ? end : at;
}

/// "You are not allowed to post, and your message has\nbeen rejected.": the reason stands in front.
std::size_t begin_of_paragraph(const TextReport& report, std::size_t at) {
  const auto least = at - std::min<std::size_t>(at, 5);
  for (; at > least && !report.blank(at - 1); --at) {
    const auto above = text::trim(report.line(at - 1));
    const auto address = find_address(above);
    if (string_view(".!").find(above.back()) != string_view::npos ||
        (address && address->begin == 0) || !labelled(above).label.empty())
      break;
  }
  return at;
}

/// False where it was told before.
bool add_failure(const TextReport& report, std::size_t begin, std::size_t end, TextResult& result) {
  AddressBlock block;
  block.recipient = nearest_recipient(report, begin);
  block.text = report.join(begin, end);
  // "host mx said:" or "Remote host said:" may stand alone above the reply.
  if (begin > 0 && text::trim(report.line(begin - 1)).ends_with(':') &&
      !find_address(report.line(begin - 1))) {
    block.text = report.join(begin - 1, end);
  }
  if (block.recipient.empty()) block.recipient = recipient_below(report, end);
  auto failure = failure_of(block, "");
  if (failure.reply.code == 0) failure.reply.text = without_label(failure.reply.text);
  const bool repeated =
      std::any_of(result.failures.begin(), result.failures.end(), [&](const DeliveryFailure& f) {
        return f.reply.code == failure.reply.code && f.reply.status == failure.reply.status &&
               (f.recipient == failure.recipient || failure.recipient.empty() ||
                f.recipient.empty()) &&
               (f.reply.text == failure.reply.text ||
                f.reply.text.find(failure.reply.text) != std::string::npos);
      });
  if (!repeated) result.failures.push_back(std::move(failure));
  return !repeated;
}

}  // namespace

std::optional<TextResult> read_generic(const TextReport& report, Signs signs) {
  const bool weak = signs != Signs::codes;
  TextResult result;
  result.format = "reply";
  std::vector<LineRange> replies;
  for (std::size_t i = 0; i < report.size() && result.failures.size() < max_generic_failures; ++i) {
    if (report.blank(i) || !holds_reply(report.line(i), report.lower(i), weak)) continue;
    const auto end = reply_end(report, i);
    const bool added = add_failure(report, i, end, result);
    replies.push_back({i, end, !added});
    i = end - 1;
  }
  // qmail's "(#5.1.2)" and the words of a mail system that gives no codes, the more telling first.
  static constexpr std::array<string_view, 2> marks{"(#4.", "(#5."};
  auto at = report.size();
  std::size_t sentence_end = 0;
  if (result.failures.empty()) {
    at = find_words(report, marks);
    if (weak) at = std::min(at, find_words(report, failure_words));
    if (weak && at >= report.size()) at = find_reason(report);
    if (at >= report.size() && signs == Signs::any) {
      at = find_words(report, outcome_words);
      sentence_end = end_of_sentence(report, at);
      if (at < report.size()) at = begin_of_paragraph(report, at);
    }
  }
  if (at < report.size()) add_failure(report, at, std::max(at + 1, sentence_end), result);
  if (result.failures.empty()) return {};
  const auto first = replies.empty() ? at : replies.front().begin;
  settle_by_notice(report, replies, first, result);
  return result;
}

}  // namespace maildiag::bounce
