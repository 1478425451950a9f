#include "bounce/mail_kind.h"

#include <algorithm>
#include <array>

#include "bounce/charset.h"
#include "bounce/notice_words.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// How subjects of replies begin that no person wrote, behind brackets.
constexpr std::array<string_view, 46> reply_subjects{"out of office",
                                                     "out of the office",
                                                     "automatic reply",
                                                     "autoreply",
                                                     "auto-reply",
                                                     "auto reply",
                                                     "auto:",
                                                     "auto response",
                                                     "autoresponse",
                                                     "automated reply",
                                                     "automated response",
                                                     "vacation",
                                                     "on vacation",
                                                     "away from",
                                                     "i am away",
                                                     "abwesen",
                                                     "automatische antwort",
                                                     "automatische nachricht",
                                                     "réponse automatique",
                                                     "reponse automatique",
                                                     "absence",
                                                     "message d'absence",
                                                     "absent",
                                                     "respuesta autom",
                                                     "fuera de la oficina",
                                                     "ausente",
                                                     "resposta autom",
                                                     "risposta automatica",
                                                     "fuori ufficio",
                                                     "automatisch antwoord",
                                                     "afwezig",
                                                     "自動応答",
                                                     "自動返信",
                                                     "不在",
                                                     "自动答复",
                                                     "自动回复",
                                                     "自動回覆",
                                                     "자동응답",
                                                     "자동 응답",
                                                     "자동회신",
                                                     "자동 회신",
                                                     "자동답장",
                                                     "자동 답장",
                                                     "부재중",
                                                     "부재 중",
                                                     "휴가"};
/// The same where they stand anywhere in it.
constexpr std::array<string_view, 9> reply_words{"(out of office)", "[out of office]", "자동응답",
                                                 "자동 응답",       "자동회신",        "자동 회신",
                                                 "自動応答",        "自動返信",        "自动回复"};
constexpr std::array<string_view, 14> challenge_subjects{"please confirm your message",
                                                         "confirm your email",
                                                         "verify your email to",
                                                         "your email requires verification",
                                                         "sender verification",
                                                         "(verification required)",
                                                         "message authentication request",
                                                         "spamarrest",
                                                         "[boxbe]",
                                                         "발신자 확인",
                                                         "발신자 인증",
                                                         "발송자 인증",
                                                         "보낸사람 확인",
                                                         "보낸 사람 확인"};
constexpr std::array<string_view, 9> challenge_texts{
    "challenge-response",
    "click the link below to deliver your message",
    "to release your message, ",
    "to release your message for delivery",
    "confirm that you are a real person",
    "one-time verification",
    "click the link below to complete the verification process",
    "allow incoming messages only from senders i have approved",
    "your message was waitlisted"};
/// A person forwards or answers a bounce.
constexpr std::array<string_view, 14> person_subjects{
    "fw:", "fwd:", "wg:",   "tr:",    "rv:",   "enc:",  "i:",
    "re:", "aw:",  "전달:", "[전달]", "회신:", "転送:", "转发:"};

template <std::size_t N>
bool contains_any(string_view text, const std::array<string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](string_view w) { return text.find(w) != string_view::npos; });
}

std::string subject_of(const Fields& header) {
  return text::ascii_lower(decode_words(header.get("Subject")));
}

/// RFC 5321 section 4.5.5.
bool has_null_path(const Fields& header) {
  const auto path = header.get("Return-Path");
  return path.starts_with('<') && path.ends_with('>') && path.size() >= 2 &&
         text::trim(path.substr(1, path.size() - 2)).empty();
}

}  // namespace

Kind automatic_kind(const Fields& header, string_view text_lower, bool bounce) {
  auto subject = subject_of(header);
  const bool challenge = header.has("X-Boxbe-Notice") || header.has("X-SpamArrest") ||
                         header.has("X-SpamArrest-noauth") ||
                         contains_any(subject, challenge_subjects) ||
                         contains_any(text_lower, challenge_texts);
  if (challenge) return Kind::challenge;
  // RFC 3834 section 5; the others are from before it.
  const bool marked = text::starts_with_ignore_case(header.get("Auto-Submitted"), "auto-replied") ||
                      header.has("X-Autoreply") || header.has("X-Autorespond") ||
                      header.has("X-Autoresponder") || header.has("X-Vacation") ||
                      text::equals_ignore_case(header.get("Precedence"), "auto_reply");
  if (marked && !bounce) return Kind::auto_reply;
  // "[Auto-Reply] Re: ..." and "(부재중)": brackets in front do not matter.
  const auto start = subject.find_first_not_of(" [(<");
  if (start == std::string::npos) return Kind::not_a_bounce;
  subject.erase(0, start);
  for (const auto bracket : {string_view("【"), string_view("「"), string_view("『")}) {
    if (string_view(subject).starts_with(bracket)) subject.erase(0, bracket.size());
  }
  const bool replied =
      std::any_of(reply_subjects.begin(), reply_subjects.end(),
                  [&](string_view words) { return string_view(subject).starts_with(words); }) ||
      (!bounce && contains_any(subject, reply_words));
  return replied ? Kind::auto_reply : Kind::not_a_bounce;
}

bool is_marked_bounce(const Mail& mail) {
  if (mail.report_type == "disposition-notification") return false;
  if (mail.report_type == "delivery-status" || mail.header.has("X-Failed-Recipients")) return true;
  if (mail.cut_off && (mail.type == "multipart/report" || has_null_path(mail.header))) return true;
  const auto from = text::ascii_lower(mail.header.get("From"));
  return text::trim(from) == "<>" || from.find("mailer-daemon") != std::string::npos ||
         from.find("mailerdaemon") != std::string::npos ||
         from.find("postmaster@") != std::string::npos;
}

bool is_from_mailer(const Fields& header) {
  if (header.has("X-Failed-Recipients")) return true;
  if (has_null_path(header)) return true;
  const auto from = text::ascii_lower(header.get("From"));
  for (const auto words :
       {string_view("mailer-daemon"), string_view("postmaster"), string_view("mail delivery"),
        string_view("mailerdaemon"), string_view("microsoftexchange")}) {
    if (from.find(words) != std::string::npos) return true;
  }
  // Courier's and OpenSMTPD's own: "Courier mail server at mail.example.com" <@>
  if (from.find("<@>") != std::string::npos || from.find("<>") != std::string::npos) return true;
  const auto subject = subject_of(header);
  const bool person =
      std::any_of(person_subjects.begin(), person_subjects.end(),
                  [&](string_view words) { return string_view(subject).starts_with(words); });
  return !person && names_notice(subject);
}

bool is_from_exchange(const Fields& header) {
  if (header.has("X-MS-Exchange-Message-Is-Ndr")) return true;  // it has no value
  const auto from = addresses_of(header.get("From"));
  return !from.empty() && text::ascii_lower(from.front()).starts_with("microsoftexchange");
}

Error not_a_bounce(const Mail& mail) {
  const auto subject = decode_words(mail.header.get("Subject"));
  if (mail.report_type == "disposition-notification")
    return make_error(ErrorCode::bad_data, "not a bounce: it looks like a read receipt (RFC 8098)");
  if (is_from_mailer(mail.header))
    return make_error(ErrorCode::bad_data,
                      "not a bounce: it looks like a notice of a mail system that says no reason");
  if (subject.empty())
    return make_error(ErrorCode::bad_data, "not a bounce: it looks like an ordinary mail");
  return make_error(ErrorCode::bad_data,
                    "not a bounce: it looks like an ordinary mail with the subject \"{}\"",
                    text::truncate(text::sanitize(subject), 60));
}

}  // namespace maildiag::bounce
