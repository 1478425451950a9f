#include "bounce/notice_settled.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "unit/bounce/notices.h"

namespace maildiag {

namespace {

using bounce::Action;
using bounce::Kind;

using test::actions_of;
using test::bounce_of;
using test::busy;
using test::check;
using test::Notice;

}  // namespace

TEST_CASE("whom a notice names as still tried is, beside one who was refused for good") {
  const auto actions = [](const std::string& body) {
    return actions_of({"Delivery Status", body});
  };
  const std::string three =
      "a@rcpt.example\n550 5.1.1 User unknown\n\nb@rcpt.example\n450 4.2.1 mailbox busy\n\n"
      "c@rcpt.example\n452 4.2.2 mailbox full\n\n";
  CHECK(actions(three + "The message to b@rcpt.example will be retried for 3 days.\n") ==
        std::vector{Action::failed, Action::delayed, Action::unknown});
  CHECK(actions(three + "It will be retried for 3 days.\n") ==
        std::vector{Action::failed, Action::delayed, Action::delayed});
  CHECK(actions(three + "Delayed messages will be retried for 3 days.\n") ==
        std::vector{Action::failed, Action::unknown, Action::unknown});
  CHECK(actions("받는 사람: lee@rcpt.example\n\n1차 시도 (mx1.rcpt.example)\n"
                "554 5.3.2 system not accepting network messages\n\n2차 시도 (mx2.rcpt.example)\n"
                "451 4.3.0 temporary failure\n\n3일 동안 자동으로 재전송합니다.\n") ==
        std::vector{Action::delayed, Action::delayed});

  // Whom a host of his own refused for good is not tried again by what another reply says.
  const std::vector refused{Action::failed, Action::unknown};
  for (const auto* body :
       {"<lee@rcpt.example>\n550 5.1.1 User unknown\n421 4.7.0 Too many errors\n\n"
        "Delivery to the other recipients will be retried.\n",
        "<lee@rcpt.example>\n554 5.3.2 system not accepting network messages\n"
        "421 4.7.0 Too many errors\n\nIt will be retried for 3 days.\n",
        "lee@rcpt.example\n550 5.1.1 User unknown\n\nlee@rcpt.example\n450 4.2.1 mailbox busy\n\n"
        "It will be retried for 3 days.\n",
        "550 5.1.1 User unknown\n\n450 4.2.1 mailbox busy\n\nIt will be retried for 3 days.\n"}) {
    CAPTURE(std::string(body));
    CHECK(actions(body) == refused);
  }
  const std::vector refused_later{Action::unknown, Action::failed};
  for (const std::string note :
       {"It will be retried for 3 days.", "Your mail server will retry automatically.",
        "일시적인 오류로 실패한 메일은 3일간 재시도합니다."}) {
    CAPTURE(note);
    CHECK(actions("lee@rcpt.example\n450 4.7.1 Greylisted, try again later\n\nlee@rcpt.example\n"
                  "550 5.1.1 User unknown\n\n" +
                  note + "\n") == refused_later);
  }
}

TEST_CASE("where the reply has no code only words about this mail's tries delay it") {
  for (const std::string note :
       {"일시적인 오류로 실패한 메일은 3일간 재시도합니다.", "일시적 장애는 자동으로 재시도합니다.",
        "일시적 오류라면 자동으로 재시도합니다.",
        "4로 시작하는 코드는 일시적 오류로 자동 재시도됩니다. 5로 시작하는 코드는 영구 오류입니다.",
        "4xx : 일시적인 오류 (자동 재시도됨)", "지연 메일은 자동으로 재발송됩니다.",
        "메일 서버는 전송에 실패한 메일을 3일 동안 재시도합니다.",
        "나머지 수신자에게는 자동으로 재시도합니다.", "휴면 해제 시 재전송됩니다.",
        "Delayed mail will be retried for 3 days.",
        "Mail that is delayed will be retried for 5 days.", "A temporary error will be retried.",
        "4xx: temporary error, the server will retry automatically. 5xx: permanent error.",
        "Delivery to the other recipients will be retried.",
        "Most mail servers will retry for several days.",
        "Your mail server will retry automatically.",
        "Once you correct the address, the message will be sent again.",
        "The message will be sent again once you correct the address.",
        "Press the button below and your message will be resent."}) {
    check({"메일 발송 실패 안내", "lee@rcpt.example\n사유: 존재하지 않는 사용자\n\n" + note + "\n"},
          Kind::failure, Action::unknown);
    check({"Mail delivery failed", "lee@rcpt.example: Connection timed out\n\n" + note + "\n"},
          Kind::failure, Action::unknown);
    check({"메일 발송 결과",
           "메일을 전달하지 못했습니다.\n받는 사람: lee@rcpt.example\n사유: 수신 서버 응답 "
           "없음\n\n" +
               note + "\n"},
          Kind::failure, Action::unknown);
  }
  for (const std::string note :
       {"It will be retried for 3 days.",
        "Your message could not be delivered and will be retried.",
        "The server will try to deliver it again.", "We will keep trying for 5 days.",
        "메일 서버가 3일 동안 재시도합니다.",
        "lee@rcpt.example 님께 보낸 메일을 자동으로 재전송합니다.", "재시도 중입니다."}) {
    check({"Mail delivery failed", "lee@rcpt.example: Connection timed out\n\n" + note + "\n"},
          Kind::delay, Action::delayed);
    check({"Mail delivery failed", "lee@rcpt.example: user unknown\n\n" + note + "\n"},
          Kind::failure, Action::unknown);
  }
}

TEST_CASE("a delay that ended is none") {
  for (const auto* text :
       {"Your message was deferred and could not be delivered after 5 days.",
        "Your message has been delayed and could not be delivered for 5 days.",
        "Your message has been delayed and could not be delivered within 5 days. Delivery failed.",
        "Delivery was delayed and the message could not be delivered after 10 attempts.",
        "The message was deferred for 5 days and the final delivery failed: Connection refused."})
    for (const auto* subject : {"Delivery Status", "Mail delivery failed"}) {
      check({subject, busy + "\n" + text + "\n"}, Kind::failure, Action::failed);
      check({subject, std::string("lee@rcpt.example\n\n") + text + "\n"}, Kind::failure,
            Action::failed);
    }
  for (const auto* text :
       {"처리: 3회 재시도 진행함", "처리: 3회 재시도 수행함", "처리: 3일간 재시도를 진행함",
        "처리: 3일간 재시도 처리됨", "처리: 자동 재전송 실시함",
        "대기열에 있는 메일이 첨부 제한으로 삭제되었습니다."})
    check({"메일 발송 실패",
           std::string("받는 사람: lee@rcpt.example\n결과: 실패\n사유: 451 4.4.1 Connection timed "
                       "out\n\n") +
               text + "\n"},
          Kind::failure, Action::failed);
}

TEST_CASE("a request to send is no deed that the tries wait for") {
  for (const auto* text :
       {"발송 요청 후 3일 동안 재시도합니다.", "전송 요청 후 24시간 동안 재시도합니다.",
        "발송 요청 후 계속 재시도합니다.", "발송요청 후 자동으로 재시도합니다.",
        "접수 요청 후 약 3일 동안 재시도합니다.", "서버에 발송 요청 후 3일 동안 재시도합니다.",
        "고객님의 발송 요청 후 이틀 동안 재시도합니다."})
    check({"메일 발송 실패", busy + "\n" + text + "\n"}, Kind::delay, Action::delayed);
  for (const auto* text :
       {"재발송 요청 후 메일이 다시 발송됩니다.", "아래 버튼을 클릭하여 재전송을 진행합니다."})
    check({"메일 발송 실패", busy + "\n" + text + "\n"}, Kind::failure, Action::failed);
}

TEST_CASE("what the server shouts, or asks for, is no word of the notice") {
  const std::string shouted =
      "lee@rcpt.example\n451 4.7.1 GREYLISTING IN ACTION, PLEASE COME BACK LATER. THIS IS A "
      "TEMPORARY ERROR AND YOUR MAIL SERVER\nWILL RETRY AUTOMATICALLY.\n";
  check({"Undeliverable: x", shouted}, Kind::failure, Action::failed);
  for (const char* front : {"<lee@rcpt.example>: ", "host mx.rcpt.example said: "})
    check({"Undeliverable: x", "lee@rcpt.example\n451 4.7.1 " + std::string(front) +
                                   "GREYLISTING IN ACTION, THIS IS TEMPORARY AND YOUR MAIL "
                                   "SERVER\nWILL RETRY AUTOMATICALLY.\n"},
          Kind::failure, Action::failed);
  const std::string wrapped =
      "lee@rcpt.example\n451 4.7.1 <lee@rcpt.example>: Recipient address rejected: Greylisting in "
      "action, please come back later\n";
  for (const char* end : {"", ".", "!"})
    check({"Delivery failed",
           wrapped + "THIS IS A WARNING ONLY. YOUR MESSAGE WILL BE RETRIED FOR 3 DAYS" + end},
          Kind::delay, Action::delayed);
  check({"Mail delivery status", wrapped + "NO FURTHER ATTEMPTS WILL BE MADE"}, Kind::failure,
        Action::failed);
  const std::string timeout =
      "받는 사람: lee@rcpt.example\n결과: 실패\n사유: 451 4.4.1 Connection timed out\n\n";
  for (const char* asked :
       {"고객센터에 발송 요청 시 자동으로 재전송됩니다.",
        "메일 발송 요청 시 자동으로 재발송됩니다.", "관리자에게 전송 요청하면 다시 전송됩니다.",
        "관리자에게 접수 요청 후 재전송됩니다.", "관리자에게 발송 요청 후 3일 이내에 재전송됩니다.",
        "고객센터에 발송 요청 후 3일 이내에 재전송됩니다.",
        "다시 발송 요청 후 3일 이내에 재전송됩니다."})
    check({"메일 발송 실패", timeout + asked}, Kind::failure, Action::failed);
  check({"메일 발송 실패", timeout + "발송 요청 후 3일 동안 재시도합니다."}, Kind::delay,
        Action::delayed);
  for (const char* end : {"Your message was delayed and delivery has failed connection refused.",
                          "Your message was deferred and has expired servers unreachable."})
    check({"Delivery failed", busy + "\n" + end}, Kind::failure, Action::failed);
}

TEST_CASE("a delay that names one recipient, or stands in the subject, is not everybody's") {
  const std::string late = "park@other.example\n450 4.4.1 Connection timed out\n\n";
  CHECK(actions_of({"Mail delivery status",
                    "lee@rcpt.example\n450 4.2.1 mailbox disabled\n\n" + late +
                        "Delivery to park@other.example will be retried for 3 days.\n"}) ==
        std::vector{Action::unknown, Action::delayed});
  CHECK(actions_of({"Warning: could not send message for past 4 hours",
                    "lee@rcpt.example\n550 5.1.1 User unknown\n\n" + late}) ==
        std::vector{Action::failed, Action::delayed});
  CHECK(
      actions_of({"Mail delivery status",
                  "lee@rcpt.example\n550 5.1.1 User unknown\n\nLEE@RCPT.EXAMPLE\n450 4.2.1 mailbox "
                  "busy\n\nIt will be retried for 3 days.\n"}) ==
      std::vector{Action::failed, Action::unknown});
  check({"메일 발송 실패 안내 (일시적 오류는 재시도합니다)",
         "lee@rcpt.example\n550 5.1.1 User unknown\n"},
        Kind::failure, Action::failed);
  check({"메일 발송 실패 안내",
         "받는 사람: lee@rcpt.example\n사유: 존재하지않는 사용자\n\n메일 서버가 3일 동안 "
         "재시도합니다.\n"},
        Kind::failure, Action::unknown);
}

TEST_CASE("a delay that names several recipients, or one and others, is theirs") {
  const std::string two =
      "a@rcpt.example\n450 4.2.1 mailbox busy\n\nb@rcpt.example\n450 4.2.1 mailbox busy\n\n";
  for (const char* text :
       {"Delivery to a@rcpt.example, b@rcpt.example is delayed and will be retried for 3 days.",
        "a@rcpt.example, b@rcpt.example 님에게 보내신 메일의 배달이 지연되고 있습니다. 3일 동안 "
        "재시도합니다.",
        "a@rcpt.example 외 1명에게 보내신 메일의 배달이 지연되고 있습니다.",
        "Your message to a@rcpt.example and 1 other has been delayed.",
        "The following message to <a@rcpt.example> was delayed. We will keep trying for all "
        "recipients."}) {
    CAPTURE(text);
    CHECK(bounce_of({"Mail delivery status", two + text}).kind == Kind::delay);
    CHECK(actions_of({"Mail delivery status", two + text}) ==
          std::vector{Action::delayed, Action::delayed});
  }
  CHECK(actions_of({"Message status - undeliverable",
                    "The mail system will continue to try to deliver your message to "
                    "a@rcpt.example, b@rcpt.example for 7 days.\n\n" +
                        two}) == std::vector{Action::delayed, Action::delayed});
}

TEST_CASE("a reason that is for now is no refusal, whatever words stand beside it") {
  for (const char* reason :
       {"수신 서버의 그레이리스팅 정책으로 일시 거부",
        "스팸 차단 정책(그레이리스팅)에 따라 일시적으로 수신이 지연됨", "정책 서버 연결 시간 초과",
        "스팸 필터 서버 응답 없음", "스팸 차단 장비 점검 중", "등록되지 않은 IP로 일시 차단"})
    check({"메일 발송 안내", std::string("받는 사람: lee@rcpt.example\n사유: ") + reason +
                                 "\n\n메일 서버가 3일 동안 재시도합니다."},
          Kind::delay, Action::delayed);
  check({"Mail delivery status",
         "<lee@rcpt.example>: connection refused by policy server\n\nThe server will keep trying "
         "for 3 days."},
        Kind::delay, Action::delayed);
  for (const char* reason : {"휴면 계정", "탈퇴한 회원입니다", "스팸으로 판단되어 차단됨"})
    check({"메일 발송 안내", std::string("받는 사람: lee@rcpt.example\n사유: ") + reason +
                                 "\n\n메일 서버가 3일 동안 재시도합니다."},
          Kind::failure, Action::unknown);
}

TEST_CASE("of one recipient the first host's refusal takes no delay of the subject back") {
  const std::string hosts =
      "받는 사람: lee@rcpt.example\n\n1차 시도 (mx1.rcpt.example)\n554 5.7.1 No SMTP service "
      "here\n\n2차 시도 (mx2.rcpt.example)\n450 4.2.1 mailbox busy\n";
  for (const char* subject : {"Warning: message 1kAbCd-0001 delayed 24 hours",
                              "Warning: could not send message for past 4 hours"})
    CHECK(bounce_of({subject, hosts}).kind == Kind::delay);
  // One host's own trouble is not the mail's: "5.3.2", and no other.
  const auto system = [](const std::string& status) {
    return actions_of({"Mail delivery status",
                       "lee@rcpt.example\nmx1.rcpt.example: 554 " + status +
                           " System not accepting network messages\nmx2.rcpt.example: 451 4.4.1 "
                           "busy\n\nWe will keep trying for 3 days.\n"});
  };
  CHECK(system("5.3.2") == std::vector{Action::delayed, Action::delayed});
  CHECK(system("5.3.4") == std::vector{Action::failed, Action::unknown});
}

}  // namespace maildiag
