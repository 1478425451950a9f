// The words of a bounce: charset, HTML, and each reader of a mail server's form by itself, as
// read_bounce() asks a reader only where no other knew the text.
#include "bounce/charset.h"
#include "bounce/dsn.h"
#include "bounce/html_text.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/reply_wrapper.h"
#include "bounce/text_report.h"
#include "core/text.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

namespace {

using namespace bounce;

void check_failure(const DeliveryFailure& failure) {
  const auto& text = failure.reply.text;
  require(text.size() <= max_reply_bytes, "a reply is bounded");
  require(text::to_valid_utf8(text) == text, "a reply is UTF-8");
  require(failure.reply.code >= 0 && failure.reply.code <= 999, "a code has three digits");
}

void check_result(const std::optional<TextResult>& result) {
  if (!result) return;
  for (const auto& failure : result->failures) check_failure(failure);
}

void read_by_each(const TextReport& report) {
  for (const auto read : {read_postfix, read_smartermail, read_qmail, read_sendmail, read_exim,
                          read_courier, read_mdaemon, read_hmailserver, read_groupwise, read_domino,
                          read_exchange, read_exchange_notice, read_gmail, read_known_text})
    check_result(read(report));
  for (const auto signs : {Signs::codes, Signs::reasons, Signs::any})
    check_result(read_generic(report, signs));
}

}  // namespace

// Lines: a charset, a Subject; then the text.
void bounce_text(std::string_view octets) {
  const auto charset = take_line(octets);
  const auto subject = take_line(octets);
  const auto utf8 = to_utf8(octets, charset);
  require(text::to_valid_utf8(utf8) == utf8, "a conversion yields UTF-8");
  require(utf8.size() <= 4 * octets.size() + 16, "a conversion is bounded");
  const auto words = decode_words(subject);
  require(text::to_valid_utf8(words) == words, "decoded words are UTF-8");

  Fields header;
  header.add("From", "MAILER-DAEMON@mx.example.com");
  header.add("Subject", std::string(subject));
  read_by_each(TextReport(utf8, header));
  const auto plain = html_to_text(utf8);
  require(text::to_valid_utf8(plain) == plain, "HTML stays UTF-8");
  require(plain.size() <= 2 * utf8.size() + 16, "the text of HTML is bounded");
  read_by_each(TextReport(plain, header));
  for (const auto& failure : read_delivery_status(utf8).recipients) check_failure(failure);
  const auto ascii = ascii_punctuation(utf8);
  require(text::to_valid_utf8(ascii) == ascii, "punctuation stays UTF-8");
  const auto line = text::to_valid_utf8(text::collapse_spaces(ascii).substr(0, max_reply_bytes));
  const auto lower = text::ascii_lower(line);
  const auto unwrapped = unwrap_reply(line, lower);
  require(unwrapped.reply.size() <= line.size(), "a reply is a part of its text");
}

}  // namespace maildiag::fuzz
