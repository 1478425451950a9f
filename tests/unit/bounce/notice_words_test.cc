#include "bounce/notice_words.h"

#include <string>

#include <doctest/doctest.h>

#include "bounce/reader.h"
#include "core/text.h"
#include "unit/bounce/notices.h"

namespace maildiag {

namespace {

using bounce::Action;
using bounce::Kind;

using test::busy;
using test::check;
using test::Notice;

const std::string temporary = "lee@rcpt.example\n451 4.3.0 Temporary system failure\n";

}  // namespace

TEST_CASE("a subject that tells of a return makes it one, with blanks or without") {
  for (const auto* subject :
       {"발송이 실패하였습니다", "수신 실패 안내", "메일이 발송되지 않았습니다",
        "메일이 발송되지 못했습니다", "전달실패", "배달되지않았습니다", "배달 되지 않음",
        "Undelivered: Test", "Mail failure", "Non-delivery notification", "Nondeliverable mail",
        "Unzustellbar: Test", "退信"}) {
    CHECK(bounce::names_notice(text::ascii_lower(subject)));
    check({subject, temporary}, Kind::failure, Action::failed);
  }
  for (const auto* subject : {"Delivery Status Notification", "메일 전송 상태"})
    check({subject, temporary}, Kind::failure, Action::unknown);
}

TEST_CASE("a notice that says that it gave up is none of a delay") {
  for (const auto& [subject, body] : {
           Notice{"메일이 반송되었습니다",
                  "메일이 반송되었습니다. 더 이상 재시도하지 않습니다.\n" + temporary},
           {"메일이 반송되었습니다",
            "메일이 반송되었습니다. 3일간 재시도하였으나 전송하지 못했습니다.\n" + temporary},
           {"메일 발송 실패", "3일간 재시도하였으나 전송하지 못했습니다.\n" + temporary},
           {"[다우오피스] 메일 발송 실패",
            "수신자: lee@rcpt.example\n사유: 450 4.2.1 mailbox busy\n"
            "대기 중이던 메일의 발송을 중단하였습니다. 메일이 반송되었습니다.\n"},
           {"[하이웍스] 메일이 반송되었습니다",
            "수신자: lee@rcpt.example\n반송 사유: 421 4.3.2 Service not available\n"
            "다시 발송을 시도하거나, 재시도하여도 계속 반송되면 수신자에게 문의하세요.\n"},
           {"Delivery failure", "The message will be returned to you.\n" + temporary},
           {"[Mailplug] 메일 발송 실패",
            "받는사람: lee@rcpt.example\n실패 사유: 421 4.4.2 Connection timed out\n"
            "※ 수신 서버의 일시적 지연으로 실패할 수 있으니 다시 보내 주세요\n"},
           {"Delivery failed",
            "The message has been in the queue for 3 days and was removed.\n" + temporary},
           {"Delivery failed",
            "Your message could not be delivered.\nlee@rcpt.example\n"
            "450 4.7.1 Greylisted, delivery delayed, try again later\n"},
           {"failure notice",
            "메일 발송에 실패하였습니다.\n\n<lee@rcpt.example>:\nSorry, I wasn't able to establish "
            "an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in "
            "the queue too long.\n"},
           {"메일 안내",
            "<lee@rcpt.example>:\nCNAME lookup failed temporarily. (#4.4.3)\n"
            "I'm not going to try again; this message has been in the queue too "
            "long.\n"},
       })
    check({subject, body}, Kind::failure, Action::failed);
}

TEST_CASE("what the user wrote says nothing of his message") {
  for (const auto& [subject, body] : {
           Notice{"메일 반송: 납품 지연 안내", "메일이 반송되었습니다.\n" + temporary},
           {"메일 발송 실패: 배달 지연 안내", temporary},
           {"[반송] 배달 지연 안내", temporary},
           {"Undeliverable: Delivery delayed",
            "Your message could not be delivered.\n" + temporary},
           {"Undeliverable: Warning: disk almost full on web1", temporary},
           {"메일 발송 실패", "메일을 전송하지 못했습니다.\n" + temporary +
                                  "\n---- 원본 메일 ----\nFrom: kim@sender.example\nSubject: x\n\n"
                                  "아직 전달되지 못했습니다. 계속 재시도합니다.\n"},
           {"Delivery failed", "Your message could not be delivered.\n" + temporary +
                                   "\nFrom: kim@sender.example\nTo: lee@rcpt.example\nSubject: "
                                   "parcel\n\nThe delivery is delayed, we will keep trying.\n"},
           {"Returned mail", "Your message could not be delivered.\n" + temporary +
                                 "\n------ This is a copy of your message ------\n"
                                 "From: kim@sender.example\n\nIt is not delivered yet.\n"},
           {"메일 발송 실패",
            "메일을 전송하지 못했습니다.\n제목: 배달이 지연되고 있습니다\n"
            "수신자: lee@rcpt.example\n사유: 451 4.3.0 Temporary failure\n"},
           {"메일 발송 실패", "제목\n배달이 지연되고 있습니다\n수신자\n" + temporary},
           {"Delivery failed",
            "Your message \"Parcel delivery delayed\" could not be delivered.\n" + temporary},
       })
    check({subject, body}, Kind::failure, Action::failed);
  check({"메일 전송 안내", "배달이 지연되고 있습니다.\n" + temporary +
                               "\n---- 원본 메일 ----\nFrom: kim@sender.example\n\n"
                               "메일이 반송되었습니다.\n"},
        Kind::delay, Action::delayed);
}

TEST_CASE("a notice of a delay says what it will do, and when it would return the message") {
  for (const auto& [subject, body] : {
           Notice{"메일 전송 상태",
                  "lee@rcpt.example 님께 보낸 메일을 재전송하고 있습니다.\n"
                  "450 4.2.1 mailbox busy\n\n"
                  "3일 안에 전송되지 않으면 반송됩니다.\n"},
           {"Delivery Status",
            "Your message is queued: lee@rcpt.example\n450 4.2.1 mailbox busy\n\n"
            "It will be returned to you if it cannot be delivered within 3 days.\n"},
           {"메일 전송 안내",
            "lee@rcpt.example 님께 메일을 전달하지 못했습니다.\n"
            "72시간 동안 자동으로 재전송을 시도합니다.\n사유: 451 4.3.0 x\n"},
           {"[알림] 메일 발송 실패",
            "메일을 발송하지 못했습니다.\n" + busy +
                "24시간 동안 주기적으로 재발송을 시도하며 계속 실패하면 반송됩니다.\n"},
           {"배달 실패 - 재시도 중", temporary},
           {"Delivery failure",
            "Your message could not be delivered; further attempts will be made.\n" + temporary},
           {"Delivery failure",
            "Your message was not delivered at the first attempt. It will be sent again "
            "automatically. You need not resend it.\n" +
                temporary},
           {"Mail delivery problem",
            "Your message could not be delivered immediately. We will "
            "keep attempting delivery until Friday.\n" +
                temporary},
           {"Mail status",
            "Your message to lee@rcpt.example was not delivered (450 4.2.1 mailbox "
            "busy); it will be sent again.\n"},
           {"메일 배달 지연", "lee@rcpt.example: 사서함 용량 초과\n계속 재시도합니다.\n"},
           {"Delivery delayed", "lee@rcpt.example: mailbox full\nWe will keep trying.\n"},
           {"메일 배달 지연", busy},
           {"메일 전송지연", busy},
       })
    check({subject, body}, Kind::delay, Action::delayed);
}

TEST_CASE("what a notice does not tell stays unknown") {
  const std::string status = "수신자: lee@rcpt.example\n사유: 450 4.2.1 mailbox busy\n\n";
  for (const auto& [subject, body] : {
           Notice{"메일 전송 상태", status + "반송 설정은 환경설정에서 변경하세요\n"},
           {"메일 전송 상태", status + "반송 주소: kim@sender.example\n"},
           {"메일 발송 실패", status + "배달되지 않으면 3일 후 반송됩니다.\n"},
           {"Mail status",
            "Your message to lee@rcpt.example was not delivered (450 4.2.1 mailbox "
            "busy).\nIf it cannot be delivered in 3 days it is returned to you.\n"},
           {"메일 배달 지연", status + "메일이 반송되었습니다.\n"},
       })
    check({subject, body}, Kind::failure, Action::unknown);
}

TEST_CASE("of what was refused for good only a delay's subject says that it is still tried") {
  const std::string refused =
      "lee@rcpt.example: 550 5.7.1 blocked\n\nMessages that are delayed will be retried.\n";
  check({"Your message was rejected", refused}, Kind::failure, Action::failed);
  check({"Delivery delayed", refused}, Kind::delay, Action::delayed);
}

TEST_CASE("general words about tries do not make a delay of a refusal") {
  for (const auto& [subject, body] : {
           Notice{"[네이버 메일] 메일 발송 실패 안내",
                  "lee@rcpt.example 메일 발송에 실패하였습니다.\n상세 오류: 존재하지 않는 "
                  "사용자\n\n발송이 지연되는 경우 24시간 동안 자동으로 재발송을 시도합니다.\n"},
           {"메일 발송 실패",
            "lee@rcpt.example: 존재하지 않는 사용자입니다.\n\n"
            "※ 일시적인 오류인 경우 시스템이 자동으로 재시도합니다.\n"},
           {"[Daum] 메일이 전송되지 못했습니다",
            "lee@rcpt.example\n원인: 받는 사람의 메일함이 휴면 상태입니다\n\n"
            "휴면 상태가 해제되면 메일이 다시 전송됩니다.\n"},
           {"Undeliverable: Hello",
            "Your message could not be delivered.\nlee@rcpt.example: user unknown\n\n"
            "Messages that are delayed will be retried for 3 days.\n"},
       })
    check({subject, body}, Kind::failure, Action::unknown);
  check({"메일 발송 실패",
         "a@rcpt.example\n5.1.1 사용자 없음\n\n일시적 오류는 24시간 동안 자동으로 재시도합니다.\n"},
        Kind::failure, Action::failed);
}

TEST_CASE("of refusals for good and others only the others may still be tried") {
  const auto bounce = bounce::read_bounce(
      "From: MAILER-DAEMON@mx.sender.example\nTo: kim@sender.example\nSubject: Delivery Status\n\n"
      "a@rcpt.example\n550 5.1.1 User unknown\n\nb@rcpt.example\n450 4.2.1 mailbox busy\n\n"
      "Delayed messages will be retried automatically.\n");
  REQUIRE(bounce);
  REQUIRE(bounce->failures.size() == 2);
  CHECK(bounce->kind == Kind::failure);
  CHECK(bounce->failures[0].action == Action::failed);
  CHECK(bounce->failures[1].action == Action::unknown);
}

TEST_CASE("what ends the tries is heard beside words that tell of them") {
  for (const auto* text :
       {"The message is still undelivered after 5 days and was removed from the queue.",
        "The message is still undelivered after 5 days; the server retries are exhausted.",
        "더 이상의 재전송은 진행하지 않습니다.", "더 이상 재시도가 진행되지 않습니다."})
    check({"Delivery Status", busy + "\n" + text + "\n"}, Kind::failure, Action::failed);
  for (const auto* text : {"Mails that are removed from the queue are not restored.",
                           "After all attempts are exhausted we will tell you."})
    check({"Delivery Status", busy + "\n" + text + "\n"}, Kind::failure, Action::unknown);
}

TEST_CASE("a sentence of the notice right below a long line of the reply is the notice's") {
  const std::string wide =
      "lee@rcpt.example\nReason: 450 4.2.1 <lee@rcpt.example>: Recipient address rejected: mailbox "
      "is busy now, try later\n";
  check({"Delivery Status", wide + "The message was returned to sender.\n"}, Kind::failure,
        Action::failed);
  check({"Delivery Status", wide + "메일이 반송되었습니다. 다시 보내 주세요.\n"}, Kind::failure,
        Action::failed);
  check({"Undeliverable: x", wide + "The message will be retried for 3 days.\n"}, Kind::delay,
        Action::delayed);
  check({"Undeliverable: x", wide + "delivery delayed as the mailbox is busy\n"}, Kind::failure,
        Action::failed);
  for (const std::string text :
       {"E-mail delivery will be retried.", "NOTE: we will keep trying for 5 days.",
        "WARNING: the message is still queued and will be retried.",
        "DELIVERY WILL BE RETRIED FOR 5 DAYS.", "I'll keep trying for 5 days."})
    check({"Undeliverable: x", wide + text + "\n"}, Kind::delay, Action::delayed);
  check({"Undeliverable: x", wide + "MTA will retry in five minutes\n"}, Kind::failure,
        Action::failed);
}

TEST_CASE("tries of this mail make a delay, whatever else the notice says of it") {
  for (const auto& [subject, body] : {
           Notice{"메일 전송 상태 안내",
                  "메일이 아직 전달되지 않았습니다.\n받는 사람: lee@rcpt.example\n사유: 수신 서버 "
                  "응답 없음\n"},
           {"메일 전송 상태 안내",
            "메일이 아직 전달되지 않았습니다.\n받는 사람: lee@rcpt.example\n사유: Connection timed "
            "out\n\n3일 동안 자동으로 재시도합니다.\n"},
           {"Delivery Status",
            "Your message could not be delivered for 4 hours. It will be retried until it is 5 "
            "days old.\n\nlee@rcpt.example\nConnection timed out\n"},
           {"Delivery Status",
            "귀하의 메일을 4시간 동안 전달하지 못했습니다. 5일 동안 자동으로 "
            "재시도합니다.\n\n<lee@rcpt.example>: connect to mx.rcpt.example[192.0.2.1]:25: "
            "Connection timed out\n"},
           {"Warning: delivery",
            "The following message to <lee@rcpt.example> was not delivered yet.\nThe reason: host "
            "not found\nIt is still being tried and stays in the queue.\n"},
           {"Delivery Status",
            "Your message to lee@rcpt.example was not delivered.\nReason: Host mx.rcpt.example not "
            "responding: timed out\n\nThe system will continue to try to deliver your message for "
            "48 hours.\n"},
           {"메일 발송 실패 (1차)",
            "lee@rcpt.example 님께 메일을 전달하지 못했습니다.\n오류: Connection refused\n\n메일 "
            "서버가 30분 간격으로 재전송을 시도하고 있습니다. 다시 보내실 필요가 없습니다.\n"},
           {"Mail System",
            "Your mail to lee@rcpt.example was deferred, and has not been delivered after 4 hours: "
            "timed out.\n"},
           {"메일 전송 안내", busy + "\n메일을 전달하지 못했습니다. 3일 동안 자동으로 재전송을 "
                                     "시도합니다만 수신 서버 사정에 따라 늦어질 수 있습니다.\n"},
           {"메일 전송 안내",
            busy + "\n서버가 5일간 재전송을 시도합니다만, 그래도 전달되지 않으면 반송됩니다.\n"},
           {"메일 전송 안내", busy + "\n메일은 자동으로 재전송됩니다만 시간이 걸릴 수 있습니다.\n"},
           {"메일 전송 안내",
            busy + "\n메일을 전달하지 못했습니다. 재시도가 진행 중이니 다시 보내지 마세요.\n"},
           {"메일 전송 안내",
            busy + "\n메일을 전달하지 못했습니다. 재발송이 진행 중에 있습니다.\n"},
           {"메일 전송 안내", busy + "\n메일을 전달하지 못했습니다. 재발송을 진행해 드립니다.\n"},
           {"메일 전송 안내", busy + "\n메일을 전달하지 못했습니다. 자동 재시도 진행 예정\n"},
           {"메일 전송 안내",
            busy + "\n메일을 전달하지 못했습니다. 재발송이 진행중이오니 기다려 주십시오.\n"},
           {"메일 전송 안내",
            busy + "\n메일을 전달하지 못했습니다. 재시도 중이니 기다려 주세요.\n"},
           {"메일 전송 안내", busy + "\n메일을 전달하지 못했습니다. 재시도 중에 있습니다.\n"},
           {"메일 전송 안내", busy + "\n메일을 전달하지 못했습니다. 자동으로 재전송될 것입니다.\n"},
           {"Delivery Status", busy + "\nYour message has been delayed and could not be delivered "
                                      "within the last 4 hours.\n"},
           {"Delivery Status",
            busy +
                "\nYour message was deferred and could not be delivered for the past 4 hours.\n"},
           {"Delivery Status", busy + "\nDelivery of your message has been delayed due to a failed "
                                      "connection to the server.\n"},
           {"Delivery Status", busy + "\nYour message is delayed due to a failed DNS lookup.\n"},
           {"Delivery Status",
            busy + "\nYour message is delayed after the first attempt failed.\n"},
           {"Delivery Status", busy + "\nMessage delayed by a server that failed to respond.\n"},
           {"메일 전송 안내", busy + "\n메일을 전달하지 못했습니다. 같은 메일을 다시 보내면 "
                                     "중복되며 자동 재발송됩니다.\n"},
           {"메일 전송 안내",
            busy +
                "\n메일을 전달하지 못했습니다. 다음 재전송 예정 시간을 안내해 드립니다: 13:00\n"},
           {"메일 전송 안내",
            busy + "\n메일을 전달하지 못했습니다. 재전송 예정 시간을 참고해 주십시오.\n"},
           {"메일 전송 안내", busy + "\n메일을 전달하지 못했습니다. 메일은 대기열에 등록되었으며 "
                                     "이전 메일은 삭제되었습니다.\n"},
           {"Delivery Status", busy + "\nYour message has not been removed from our queue.\n"},
           {"메일 전송 상태",
            "메일을 전달하지 못했습니다. 수신 서버가 복구되면 자동으로 재전송됩니다.\n" +
                temporary},
       })
    check({subject, body}, Kind::delay, Action::delayed);
}

TEST_CASE("tries of mails in general, and of others' servers, prove none of this mail") {
  for (const auto& [subject, body] : {
           Notice{"Delivery Status",
                  "lee@rcpt.example\nReason: 450 4.7.1 <lee@rcpt.example>: Recipient address "
                  "rejected: Greylisted, your\nMTA will retry in five minutes\n"},
           {"메일 발송 결과 안내",
            "lee@rcpt.example\n원인: 존재하지 않는 사용자\n\n※ 일시적인 오류인 경우 시스템이 "
            "자동으로 재시도합니다.\n"},
           {"메일 발송 결과 안내",
            "메일을 보내지 못했습니다.\nlee@rcpt.example\n원인: 존재하지 않는 사용자\n\n※ 일시적인 "
            "오류인 경우 시스템이 자동으로 재시도합니다.\n"},
           {"메일 배달 불가",
            "lee@rcpt.example\n원인: 존재하지 않는 사용자\n\n※ 일시적인 오류인 경우 시스템이 "
            "자동으로 재시도합니다.\n"},
           {"메일을 전송할 수 없습니다",
            "lee@rcpt.example\n원인: 존재하지 않는 사용자\n\n발송이 지연되는 경우 24시간 동안 "
            "자동으로 재발송을 시도합니다.\n"},
           {"Delivery problem",
            "lee@rcpt.example: user unknown\n\nMessages that are delayed will be retried for 3 "
            "days.\n"},
           {"Mail delivery error",
            "We were unable to deliver your message.\nlee@rcpt.example: user unknown\n\nMessages "
            "that are delayed will be retried for 3 days.\n"},
           {"메일 발송 실패 안내",
            "lee@rcpt.example\n사유: 452 4.2.2 메일함 용량 초과\n\n※ 일시적인 오류인 경우 시스템이 "
            "자동으로 재시도합니다.\n"},
           {"Mail delivery failed",
            "lee@rcpt.example: 452 4.2.2 mailbox full\n\nDelayed messages will be retried for 3 "
            "days.\n"},
           {"메일 전송 안내", busy + "\n재발송 버튼을 눌러 주시면 메일이 다시 발송됩니다.\n"},
           {"메일 전송 안내", busy + "\n[재전송]을 클릭해 주시면 다시 전송됩니다.\n"},
           {"메일 전송 안내", busy + "\n재발송 버튼 클릭 후 메일이 다시 발송됩니다.\n"},
           {"Delivery Status", busy + "\nThe attachment was removed from the queue copy.\n"},
           {"Delivery failed",
            "lee@rcpt.example: user unknown\n\nIf a message is delayed, it will be retried.\n"},
           {"Delivery failed",
            "lee@rcpt.example: user unknown\n\nWhen delivery is delayed, we will keep trying.\n"},
       })
    check({subject, body}, Kind::failure, Action::unknown);
  for (const auto& [subject, body] : {
           Notice{"메일 전송 안내", busy + "\n메일이 전송 대기열에서 삭제되었습니다.\n"},
           {"Delivery Status", busy + "\nThe message was removed from the queue.\n"},
           {"Mail delivery failed",
            "lee@rcpt.example\nReason: 450 4.7.1 <lee@rcpt.example>: Recipient address rejected: "
            "Greylisted, your\nMTA will retry in five minutes\n"},
           {"메일 발송 실패",
            "lee@rcpt.example\n451 4.7.1 This message was temporarily rejected by the gateway of "
            "rcpt\n정상 메일 서버는 자동으로 재전송합니다\n"},
           {"메일 전송 안내", busy + "\n더이상 재시도는 진행하지 않을 것입니다.\n"},
           {"메일 전송 안내", busy + "\n자동 재시도는 더 이상 진행되지 않습니다.\n"},
           {"메일 전송 안내", busy + "\n재전송하지 않을 예정입니다.\n"},
       })
    check({subject, body}, Kind::failure, Action::failed);
}

TEST_CASE("a notice lists what it knows of a mail, and goes on") {
  check({"A virus in your message",
         "The gateway has stopped the following email because it may contain a virus:\n\n"
         "   Message: B5f1a2b3c\n   From:    kim@sender.example\n   To:      lee@rcpt.example\n"
         "   Subject: hello\n\nYour message has NOT been delivered.\n"},
        Kind::failure, Action::failed);
}

TEST_CASE("a mail system's own words end where the user's subject begins") {
  CHECK(bounce::own_subject("undeliverable: flight delayed") == "undeliverable");
  CHECK(bounce::own_subject("[반송] 회의") == "[반송");
  CHECK(bounce::own_subject("warning: message still undelivered") ==
        "warning: message still undelivered");
  CHECK(bounce::own_subject("[알림] 메일 발송 실패") == "[알림] 메일 발송 실패");
}

}  // namespace maildiag
