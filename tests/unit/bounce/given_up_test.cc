#include "bounce/given_up.h"

#include <string>

#include <doctest/doctest.h>

#include "bounce/reader.h"
#include "support/cost_growth.h"

namespace maildiag {

namespace {

using bounce::Action;

bool gives_up(std::string_view text) {
  bool any = false;
  for (const auto& words : text::clauses_of(text))
    any = any || bounce::gives_up(words, text::compact(words));
  return any;
}

Action action_of(std::string_view reply) {
  return bounce::read_reply(reply).failures.front().action;
}

Action action_in(std::string_view text) {
  const auto bounce = bounce::read_bounce(text);
  REQUIRE(bounce);
  REQUIRE(bounce->failures.size() == 1);
  return bounce->failures.front().action;
}

}  // namespace

TEST_CASE("words that say that nothing is tried again") {
  for (const auto* text : {
           "Giving up on 192.0.2.1.",
           "I've given up",
           "no further delivery attempts",
           "No more retries",
           "without any result and without further attempts",
           "no retries will be made",
           "the message will not be retried",
           "We won't try to deliver it again",
           "Retrying will not be attempted",
           "Your message was returned",
           "the mail has been returned to its sender",
           "returned to you",
           "Undelivered Mail Returned to Sender",
           "undeliverable mail",
           "your email has bounced back",
           "I'm not going to try again",
           "We are not going to retry it",
           "Message will no longer be retried",
           "4.4.7 Message expired, not retrying",
           "We have stopped trying to deliver your message",
           "Retry limit reached, message discarded",
           "Retry timeout exceeded",
           "this message has been in the queue too long",
           "The message has been in the queue for 3 days and was removed",
           "Your message was returned after 5 days",
           "We gave up after 5 days",
           "재시도 횟수 초과로 전송 중단",
           "재전송 기간이 만료되었습니다",
           "대기 중이던 메일의 발송을 중단하였습니다",
           "3회 재시도 후 반송되었습니다",
           "최종 실패 처리되었습니다",
           "스팸으로 분류되어 반송되었습니다",
           "메일이 반송되었습니다",
           "메일을 반송합니다",
           "반송 처리됨",
           "메일 반송",
           "전송을 포기합니다",
           "재발송하지 않습니다",
           "다시 보내지 않습니다",
           "자동으로 재전송되지 않습니다",
           "재시도가 이루어지지 않습니다",
           "최종 배달 실패",
           "더이상 재시도는 진행하지 않을 것입니다",
           "자동 재시도는 더 이상 진행되지 않습니다",
           "재전송하지 않을 예정입니다",
           "메일이 전송 대기열에서 삭제되었습니다",
           "The message was removed from the queue",
           "and has been removed from our mail queue",
       }) {
    CAPTURE(std::string(text));
    CHECK(gives_up(text));
  }
}

TEST_CASE("words that leave open whether something is tried again") {
  for (const auto* text : {
           "",
           "not giving up yet",
           "will try for 5 days before giving up",
           "no more than 3 attempts",
           "no further attempts for 10 minutes",
           "will not be retried until tomorrow",
           "do not retry",
           "spam bots will not retry",
           "spammers give up",
           "the server gives up after 5 days",
           "mail is returned to sender only after 5 days",
           "Undelivered message returned to the sender after 5 days",
           "the retry limit is not reached",
           "the lookup returned no address",
           "an error was returned",
           "the message \"busy\" was returned by the host",
           "the message may be returned",
           "if it cannot be delivered it is returned to you",
           "your message was not returned",
           "it has not been returned to you",
           "too many bounced mails",
           "450 4.1.1 undeliverable address: host busy",
           "반송 주소가 없습니다",
           "반송된 메일이 많습니다",
           "반송될 수 있습니다",
           "전달되지 않으면 반송됩니다",
           "3일 후 반송됩니다",
           "포기하지 않습니다",
           "재시도하지 않으면 삭제됩니다",
           "재시도하지 마세요",
           "10분 동안 재시도하지 않습니다",
           "스팸 서버는 재시도하지 않습니다",
           "스팸 발송 서버들은 전송을 포기합니다",
           "72시간이 지나면 반송됩니다",
           "최대 3일까지 재시도 후 최종 실패 처리됩니다",
           "최종 실패 시 다시 알려 드립니다",
           "최종 반송 전까지 계속 시도합니다",
           "포기하지는 않습니다",
           "3일이 지나면 전송을 포기합니다",
           "반송 설정은 환경설정에서 변경하세요",
           "재시도하여도 계속 반송되면 문의하세요",
           "재시도해도 되지 않습니다",
           "재전송하지 않는 서버입니다",
           "최종 수신 서버",
           "재시도하지 않을 경우",
           "다시 보내지 않으셔도 됩니다",
           "다시 보내지 않으시기 바랍니다",
           "첨부 파일이 대기열에서 삭제되었습니다",
           "이전 메일이 대기열에서 삭제되었습니다",
           "3일이 지나면 대기열에서 삭제됩니다",
           "Your message has not been removed from our queue and will be retried",
           "Your message has not yet been deleted from the queue",
           "Delivery has been delayed and the message has not been removed from the queue",
           "The attachment was removed from the queue copy",
           "The attachment of the message was removed from the queue",
           "The message was removed from the queue listing",
       }) {
    CAPTURE(std::string(text));
    CHECK_FALSE(gives_up(text));
  }
}

TEST_CASE("of a reply by itself nobody knows whether a server tries again") {
  CHECK(action_of("450 4.2.1 mailbox busy") == Action::unknown);
  CHECK(action_of("mailbox full, try again later") == Action::unknown);
  CHECK(action_of("550 5.1.1 user unknown") == Action::failed);
  CHECK(action_of("message returned to sender: mailbox busy") == Action::failed);
  // Of its client's tries a server knows nothing.
  for (const auto* reply :
       {"451 4.3.0 Could not deliver message - try again later",
        "450 Mailbox busy: message cannot be delivered please try again later",
        "421 4.4.2 mx.example.net Timeout waiting for data, giving up",
        "421 4.7.0 Temporarily rate limited: too many undeliverable messages",
        "450 4.7.1 그레이리스트: 재시도하지 않는 스팸 서버를 막기 위해 일시적으로 거부합니다",
        "450 4.7.1 Greylisted: spam bots will not retry",
        "450 4.7.1 일시적으로 차단되었습니다. 포기하지 마시고 다시 시도해 주세요",
        "450 4.7.1 잠시 후 다시 시도해 주세요. 계속 실패 시 반송됩니다",
        "451 your message was returned to the queue"}) {
    CAPTURE(std::string(reply));
    CHECK(action_of(reply) == Action::unknown);
  }
  CHECK(action_of("반송되었습니다. 잠시 후 다시 보내 주세요.") == Action::failed);
  // Nor do they of whom it speaks, and what is announced has not been.
  for (const auto* reply :
       {"Greylisted for 5 minutes; spam bots will not retry, your server will",
        "Greylisted: spammers give up, real servers try again",
        "그레이리스팅 적용 중입니다. 스팸 서버는 재시도하지 않습니다. 정상 서버는 자동으로 다시 "
        "보냅니다.",
        "일시적인 오류입니다. 72시간이 지나면 반송됩니다.",
        "일시적인 오류입니다. 최대 3일까지 재시도 후 최종 실패 처리됩니다.",
        "접속 시간 초과. 최종 실패 시 다시 알려 드립니다.",
        "접속 시간 초과. 최종 반송 전까지 계속 시도합니다.",
        "접속 시간 초과. 전송을 포기하지는 않습니다.",
        "Server busy; mail is returned to sender only after 5 days", "Mailbox full"}) {
    CAPTURE(std::string(reply));
    CHECK(action_of(reply) == Action::unknown);
  }
  // A status without a code is the sending server's own, and some sentences only it can say.
  for (const auto* reply :
       {"Sorry, I wasn't able to establish an SMTP connection. (#4.4.1) I'm not going to try "
        "again; this message has been in the queue too long.",
        "CNAME lookup failed temporarily. (#4.4.3) I'm not going to try again; this message has "
        "been in the queue too long.",
        "Remote host said: 450 4.2.1 mailbox busy Giving up on 203.0.113.5. I'm not going to try "
        "again; this message has been in the queue too long.",
        "4.4.7 Message expired, not retrying",
        "4.4.1 connection timed out; message returned to sender",
        "Connection timed out. We are not going to try again.",
        "Connection timed out. We have stopped trying to deliver your message",
        "Connection timed out. Retry limit reached, message discarded",
        "응답 시간 초과. 재시도 횟수 초과로 전송 중단"}) {
    CAPTURE(std::string(reply));
    CHECK(action_of(reply) == Action::failed);
  }
  CHECK(action_in("450 4.2.1 mailbox busy") == Action::unknown);
  // A queue's listing, and a dialogue.
  CHECK(action_in("A1B2C3D4E5 1234 Mon Nov 23 01:02:03 kim@sender.example\n"
                  "(host mx.example.net[203.0.113.5] said: 450 4.7.1 Greylisted)\n"
                  "                         joe@example.net\n") == Action::unknown);
  CHECK(action_in("220 mx.example.net\nRCPT TO:<joe@example.net>\n450 4.7.1 Greylisted\n") ==
        Action::unknown);
  CHECK(action_in("Your message could not be delivered.\n\njoe@example.net\n"
                  "450 4.2.1 mailbox busy, try again later\n") == Action::unknown);
}

TEST_CASE("a notice tells whether the message came back or is still tried") {
  CHECK(action_in("From: postmaster@relay.example\nSubject: 반송\n\n"
                  "받는 사람: joe@example.net\n사유: 메일함이 가득 찼습니다. 잠시 후 다시 보내 "
                  "주세요.\n") == Action::failed);
  CHECK(action_in("From: postmaster@relay.example\nSubject: mail\n\nYour message could not be "
                  "delivered.\njoe@example.net: 450 4.2.1 mailbox busy\n") == Action::failed);
  const std::string from = "From: postmaster@relay.example\nSubject: ";
  for (const std::string rest :
       {"Delivery delayed\n\njoe@example.net: 450 4.7.1 Greylisted, try again in 5 minutes\n"
        "Delivery will be retried for 5 days.\n",
        "Delayed Mail (still being retried)\n\nYour message has not been delivered yet to "
        "joe@example.net.\nReason: 451 4.3.0 Temporary lookup failure\n"
        "No action is required on your part. Delivery attempts will continue.\n",
        "mail\n\njoe@example.net\n아직 전달되지 못했습니다.\n450 4.2.1 mailbox busy\n"
        "계속 재시도합니다.\n",
        "mail\n\njoe@example.net: 450 4.2.1 mailbox busy\n"}) {
    CAPTURE(rest);
    CHECK(action_in(from + rest) != Action::failed);
  }
  CHECK(action_in("The following message could not be delivered yet and remains in the queue:\n"
                  "<joe@example.net>: host mx.example.net[203.0.113.5] said: 450 4.2.1 mailbox "
                  "busy, try again later\n") == Action::delayed);
}

TEST_CASE("of many replies each is looked at once") {
  // The failures of one text are bounded, so that its length tells nothing of what each costs.
  const auto cost_of = [](int recipients) {
    std::string text = "These recipients had trouble:\n";
    for (int i = 0; i < 200; ++i)
      text += "<b" + std::to_string(i % recipients) +
              "@example.net>: 450 4.2.1 mailbox busy, it is not free\n";
    return test::least_cost([&] {
      const auto bounce = bounce::read_bounce(text);
      REQUIRE(bounce);
      CHECK(bounce->failures.size() == static_cast<std::size_t>(recipients));
    });
  };
  CHECK(cost_of(200) < 5 * cost_of(1));
}

TEST_CASE("hostile words about giving up cost no more than their length") {
  for (const std::string part :
       {"returned ", "no further ", "not be ", "giving ", "반송", "시도", "재시도하지", "최종",
        "queue too ", "대기열에서", "재시도시도시도", "queue removed from "}) {
    const auto growth =
        test::cost_growth(part, 20'000, [](const std::string& text) { gives_up(text); });
    CHECK_MESSAGE(growth < test::least_superlinear_growth, part);
  }
}

}  // namespace maildiag
