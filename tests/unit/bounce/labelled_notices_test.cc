// Notices of a few lines, without a code: a reason behind its label, in several languages, or a
// sentence.

#include <string>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag;
using namespace maildiag::bounce;

namespace {

std::string notice(const std::string& subject, const std::string& text) {
  return "Return-Path: <>\r\nFrom: mailer-daemon@receiver.example\r\nTo: kim@sender.example\r\n"
         "Subject: " +
         subject +
         "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: 8bit\r\n\r\n" +
         text;
}

void check(const std::string& text, const std::string& reason,
           const std::string& recipient = "lee@receiver.example") {
  CAPTURE(text);
  const auto bounce = read_bounce(notice("Undeliverable mail", text));
  REQUIRE(bounce.has_value());
  CHECK(bounce->kind == Kind::failure);
  REQUIRE(bounce->failures.size() == 1);
  CHECK(bounce->failures[0].reply.text == reason);
  CHECK(bounce->failures[0].recipient == recipient);
}

}  // namespace

TEST_CASE("the reason stands behind its label, the recipient behind another") {
  check(
      "Your message could not be delivered.\n\nReason: The mailbox of the recipient is full.\n\n"
      "Recipient: lee@receiver.example\n",
      "The mailbox of the recipient is full.");
  check(
      "Ihre E-Mail konnte nicht zugestellt werden.\n\nGrund: Das Postfach ist voll.\n\n"
      "Empfänger: lee@receiver.example\n",
      "Das Postfach ist voll.");
  check(
      "Votre message n'a pas pu être remis.\n\nDestinataire : lee@receiver.example\n"
      "Raison : boîte aux lettres pleine\n",
      "boîte aux lettres pleine");
  check("您的邮件未能送达以下收件人：\nlee@receiver.example\n原因：对方邮箱已满\n", "对方邮箱已满");
  check(
      "メール配信エラー通知\n\nエラー内容: 宛先のメールアドレスが存在しません。\n\n"
      "宛先: lee@receiver.example\n",
      "宛先のメールアドレスが存在しません。");
  check(
      "메일이 전달되지 않았습니다.\n\n사유: 받는 분의 계정이 정지되었습니다.\n\n수신자: "
      "lee@receiver.example\n",
      "받는 분의 계정이 정지되었습니다.");
}

TEST_CASE("a label without a reason, or of something else, is none") {
  check("Your message to lee@receiver.example\nwas rejected.\n\nReason:\n",
        "Your message to lee@receiver.example was rejected.");
}

TEST_CASE("a sentence is told from its begin, and with the reasons that it announces") {
  check(
      "You are not allowed to post to this mailing list, and your message has\n"
      "been automatically rejected.  If you think that this is wrong, write\n"
      "to the list owner.\n",
      "You are not allowed to post to this mailing list, and your message has been automatically "
      "rejected. If you think that this is wrong, write to the list owner.",
      "");
  check(
      "Your message to the lee@receiver.example mailing-list was rejected for the following\n"
      "reasons:\n\nThe message is not from a list member\n\nThe original message is attached.\n",
      "Your message to the lee@receiver.example mailing-list was rejected for the following "
      "reasons: The message is not from a list member");
}

TEST_CASE("the bounce's own recipient is the sender of the mail") {
  check(
      "系统退信\n发件人：kim@sender.example 收件人：lee@receiver.example\n退信原因：发送失败 (552 "
      "Quota exceeded)\n",
      "Quota exceeded");
  check("kim@sender.example\nuser unknown\n", "user unknown", "kim@sender.example");
}

TEST_CASE("TMDA asks for a confirmation in Exim's words") {
  const auto bounce = read_bounce(notice(
      "Please confirm your message",
      "This message was created automatically by mail delivery software (TMDA).\n\n"
      "Your message attached below is being held because the address\n<kim@sender.example> has not "
      "been verified.\n\nTo release your message for delivery, please send an empty message\n"
      "to the following address, or use your mailer's \"Reply\" feature.\n\n"
      "   lee-confirm-1162549200.1234.abcdef@receiver.example\n"));
  REQUIRE(bounce.has_value());
  CHECK(bounce->kind == Kind::challenge);
}
