// Any other text: lines that hold a reply, each with the recipient that stands nearest above or in
// it.

#include <algorithm>
#include <array>

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
constexpr std::array<string_view, 14> reason_labels{"reason", "error",  "grund", "fehler", "motif",
                                                    "motivo", "erreur", "이유",  "사유",   "원인",
                                                    "메시지", "메세지", "응답",  "오류"};
/// What such a label has at most, in octets.
constexpr std::size_t max_label = 60;

string_view without_label(string_view line) {
  line = text::trim(line);
  const auto colon = line.substr(0, max_label).find(':');
  if (colon == string_view::npos || text::trim(line.substr(colon + 1)).empty()) return line;
  const auto label = text::ascii_lower(line.substr(0, colon));
  const bool known = std::any_of(reason_labels.begin(), reason_labels.end(),
                                 [&](string_view w) { return label.find(w) != std::string::npos; });
  return known ? text::trim(line.substr(colon + 1)) : line;
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

std::string nearest_recipient(const TextReport& report, std::size_t at) {
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
        lower.find("rcpt") != string_view::npos || lower.find("recipient") != string_view::npos) {
      return std::string(found->address);
    }
  }
  return {};
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
  for (; !report.blank(at) && field_name_length(text::trim(report.line(at))) > 0; ++at) {
    const auto lower = text::trim(report.lower(at));
    if (!lower.starts_with("to:") && !lower.starts_with("recipient:")) continue;
    const auto addresses = addresses_of(report.line(at).substr(report.line(at).find(':') + 1));
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
  return report.blank(at) ? at : at + 1;
}

void add_failure(const TextReport& report, std::size_t begin, std::size_t end, TextResult& result) {
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
}

}  // namespace

std::optional<TextResult> read_generic(const TextReport& report, Signs signs) {
  const bool weak = signs != Signs::codes;
  TextResult result;
  result.format = "reply";
  for (std::size_t i = 0; i < report.size() && result.failures.size() < max_generic_failures; ++i) {
    if (report.blank(i) || !holds_reply(report.line(i), report.lower(i), weak)) continue;
    const auto end = reply_end(report, i);
    add_failure(report, i, end, result);
    i = end - 1;
  }
  // qmail's "(#5.1.2)" and the words of a mail system that gives no codes, the more telling first.
  static constexpr std::array<string_view, 2> marks{"(#4.", "(#5."};
  auto at = report.size();
  std::size_t sentence_end = 0;
  if (result.failures.empty()) {
    at = find_words(report, marks);
    if (weak) at = std::min(at, find_words(report, failure_words));
    if (at >= report.size() && signs == Signs::any) {
      at = find_words(report, outcome_words);
      sentence_end = end_of_sentence(report, at);
    }
  }
  if (at < report.size()) add_failure(report, at, std::max(at + 1, sentence_end), result);
  if (result.failures.empty()) return {};
  const bool delay = report.contains("still being retried") ||
                     report.contains("will keep trying") || report.contains("has been delayed") ||
                     report.contains("delivery attempt failure - transient") ||
                     report.contains("delivery is delayed to these") ||
                     report.contains("배달이 지연") || report.contains("계속 시도합니다");
  result.kind = delay ? Kind::delay : Kind::failure;
  return result;
}

}  // namespace maildiag::bounce
