#include "bounce/still_tried.h"

#include <algorithm>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "support/cost_growth.h"

namespace maildiag {

namespace {

bool is_still_tried(std::string_view text) {
  bool any = false;
  for (const auto& words : text::clauses_of(text))
    any = any || bounce::is_still_tried(words, text::compact(words));
  return any;
}

}  // namespace

TEST_CASE("words that announce tries, or that a message waits") {
  for (const auto* text : {
           "We will keep trying.",
           "will keep trying until Friday",
           "We will keep attempting delivery until Friday",
           "It will be sent again automatically",
           "the server will try to deliver it again",
           "further attempts will be made",
           "Delivery attempts will continue for 5 days",
           "Your message could not be delivered and will be retried",
           "The server will continue to try to deliver your message",
           "still being retried",
           "Message still undelivered after 4 hours",
           "retrying",
           "the server retries every 10 minutes",
           "next attempt in 10 minutes",
           "Your message is queued",
           "it has been queued for redelivery",
           "the message remains in the queue",
           "Your message is waiting in the queue",
           "delivery delayed",
           "Delivery to these recipients has been delayed",
           "Message deferred: mailbox busy",
           "has not been delivered yet",
           "재시도합니다",
           "자동으로 재전송됩니다",
           "재시도 중입니다",
           "재발송 예정",
           "재전송하고 있습니다",
           "24시간 동안 재발송을 시도하며",
           "3일 동안 배달을 시도합니다",
           "계속 시도합니다",
           "자동으로 다시 보냅니다",
           "메일은 대기열에 보관되어 있습니다",
           "메일 발송 대기 중입니다",
           "배달이 지연되고 있습니다",
           "메일 전송이 수신 서버의 응답 지연으로 지연되고 있습니다",
           "메일 전달 지연 안내",
           "아직 전달되지 않았습니다",
           "No action is required as the message will be retried",
           "Please do not resend this message because the system will retry automatically",
           "You do not have to resend the message since the system will try again",
           "The mail server will continue delivery attempts for 3 days",
           "Delivery is being retried",
           "Delivery retries continue until Friday",
           "Your message has been delayed because it could not be delivered to the server",
           "Your message has been delayed and has not been delivered after 4 hours",
           "Your message is delayed and will be deleted after 5 days",
           "Delivery is delayed and could not be completed yet",
           "The message was deferred and has not failed",
           "Nothing needs to be done as it will be retried",
           "the server retries for 3 days",
           "재시도를 진행합니다",
           "재발송이 진행됩니다",
           "재시도 진행 중",
           "재시도를 진행 중입니다",
           "재발송을 진행할 예정입니다",
           "재전송 예정 시간",
           "재전송이 예정되어 있습니다",
           "시스템이 자동으로 재시도하므로 다시 보내실 필요가 없습니다",
           "자동으로 재발송되오니 다시 보내지 마십시오",
           "자동 재전송 되므로 별도의 조치가 필요 없습니다",
           "자동으로 재전송을 시도하오니 기다려 주십시오",
           "재발송 시도 중입니다",
           "재시도가 계속됩니다",
           "잠시 대기하시면 자동으로 재전송됩니다",
           "대기열에 있으며 전달되지 않으면 3일 후 삭제됩니다",
           "재시도 합니다만 실패할 수 있습니다",
           "자동으로 재전송됩니다만 시간이 걸릴 수 있습니다",
           "재시도가 진행 중이니 다시 보내지 마세요",
           "재발송이 진행 중에 있습니다",
           "재발송을 진행해 드립니다",
           "자동 재시도 진행 예정",
           "재발송이 진행중이오니 기다려 주십시오",
           "재시도 진행",
           "재시도 중이니 기다려 주세요",
           "재시도 중에 있습니다",
           "자동으로 재전송될 것입니다",
           "재전송 처리 중입니다",
           "재전송은 자동으로 이루어지므로 다시 보내지 않으셔도 됩니다",
           "재전송 예정 시간을 안내해 드립니다",
           "같은 메일을 다시 보내면 중복되며 자동 재발송됩니다",
           "설정 시간마다 자동으로 재전송됩니다",
           "대기열에 등록되었으며 이전 메일은 삭제되었습니다",
           "Your message has been delayed and could not be delivered within the last 4 hours",
           "Your message was deferred and could not be delivered for the past 4 hours",
           "Delivery of your message has been delayed due to a failed connection to the server",
           "Your message is delayed after the first attempt failed",
           "Message delayed by a server that failed to respond",
           "Your message is delayed and the failed lookup is repeated",
           "Your message has not yet been deleted from the queue",
           "Your message is delayed and has not been removed from the queue",
           "Your message is delayed and the first delivery attempt failed",
           "계속 재시도함",
           "5일까지 재시도됨",
           "자동 재시도됨",
           "발송 요청 후 3일 동안 재시도합니다",
           "버튼을 누르지 않아도 자동으로 재전송됩니다",
           "대기열에 있으며 첨부파일은 삭제되었습니다",
       }) {
    CAPTURE(std::string(text));
    CHECK(is_still_tried(text));
  }
}

TEST_CASE("words that tell of tries that have been, and requests for one") {
  for (const auto* text : {
           "",
           "We kept trying for 5 days",
           "please try again later",
           "You will have to send it again",
           "If you keep trying and it fails, ask",
           "no further attempts will be made",
           "will not be retried",
           "we will no longer try",
           "has been in the queue for 3 days",
           "this message has been in the queue too long",
           "we will try to help you again",
           "the queue of the server is full",
           "it could not be queued",
           "not delayed",
           "Flight delayed",
           "signed yet?",
           "I have not heard from you yet",
           "Warning: disk almost full",
           "더 이상 재시도하지 않습니다",
           "3일간 재시도하였으나 전송하지 못했습니다",
           "재시도하여도 계속 반송되면",
           "재발송을 시도해 주시기 바랍니다",
           "다시 보내 주세요",
           "버튼을 누르면 재전송됩니다",
           "재시도 중단",
           "대기 중이던 메일의 발송을 중단하였습니다",
           "대기열에서 삭제되었습니다",
           "대기열에 너무 오래 있어",
           "수신 서버의 일시적 지연으로 실패할 수 있으니",
           "납품 지연 안내",
           "연결이 지연되고 있습니다",
           "아직 회신을 받지 못했습니다",
           "더 이상의 재전송은 진행하지 않습니다",
           "더 이상 재시도가 진행되지 않습니다",
           "재발송은 예정되어 있지 않습니다",
           "재시도 예정 없음",
           "재시도 예정이 없습니다",
           "재시도 진행 안 함",
           "재시도 진행 중 최대 횟수를 넘어 실패 처리되었습니다",
           "재전송 진행 후 실패하였습니다",
           "재시도 진행 결과 실패하였습니다",
           "재전송 예정 시간이 지났습니다",
           "[재발송] 버튼을 누르시면 즉시 재발송됩니다",
           "재전송 버튼을 누르시면 메일이 다시 전송됩니다",
           "클릭 시 메일이 재발송됩니다",
           "버튼을 클릭하면 메일을 다시 보내드립니다",
           "대기열에 있는 메일이 삭제되었습니다",
           "The server will continue to reject all attempts",
           "The message will not be retried as it is too old",
           "The message was deferred 25 times and has expired",
           "Delivery was deferred repeatedly and has now failed permanently",
           "It had been deferred for 5 days",
           "The message was delayed but could not be delivered in the end",
           "Your message was deferred and then bounced after 5 days",
           "It was delayed too long",
           "the server retries are exhausted",
           "nothing will be retried",
           "Neither server will retry",
           "Nobody will try again",
           "재시도 중이었으나 실패하였습니다",
           "재시도 중이 아닙니다",
           "재시도 진행 중에 실패하였습니다",
           "재전송 예정 시간을 초과하였습니다",
           "재전송될 것이 아닙니다",
           "재발송 버튼을 눌러 주시면 메일이 다시 발송됩니다",
           "[재전송]을 클릭해 주시면 다시 전송됩니다",
           "재발송 버튼 클릭 후 메일이 다시 발송됩니다",
           "주소를 선택하신 후 다시 전송됩니다",
           "자동 재시도는 더 이상 진행되지 않습니다",
           "The message was delayed and then bounced",
           "It was delayed and the message has failed",
           "The attachment has not been removed from the queue copy",
           "Your email has been delayed and could not be delivered after 10 attempts",
           "The message was deferred for 5 days and the final delivery failed",
           "The message was deferred and the final attempt failed",
           "The message was deferred and all attempts failed",
           "The message was deferred and retries have failed",
           "The message was delayed and the last delivery attempt failed with",
           "The message was delayed and its lifetime has expired",
           "Message was deferred and after 5 days expired",
           "The message was delayed and in the end failed",
           "The message was delayed and has therefore been removed",
           "The message was delayed and we have removed it from the queue",
           "3회 재시도 진행함",
           "3회 재시도함",
           "3일간 재시도를 진행함",
           "3일간 재시도 처리됨",
           "자동 재전송 실시함",
           "대기열에 있는 메일이 첨부 제한으로 삭제되었습니다",
           "아래 버튼을 클릭하여 재전송을 진행합니다",
       }) {
    CAPTURE(std::string(text));
    CHECK_FALSE(is_still_tried(text));
  }
}

TEST_CASE("whose tries a clause announces") {
  const auto whose = [](std::string_view text) {
    auto most = bounce::Tries::none;
    for (const auto& words : text::clauses_of(text))
      most = std::max(most, bounce::tries_in(words, text::compact(words)));
    return most;
  };
  for (const auto& [text, expected] : {
           std::pair{"Legitimate mail servers will retry", bounce::Tries::of_clients},
           {"정상 메일 서버는 자동으로 재전송합니다", bounce::Tries::of_clients},
           {"Delayed messages will be retried", bounce::Tries::general},
           {"Messages that are delayed will be retried for 3 days", bounce::Tries::general},
           {"We will keep trying to deliver messages for 3 days", bounce::Tries::general},
           {"A delayed message will be retried", bounce::Tries::general},
           {"In case of a fault the server will retry", bounce::Tries::general},
           {"일시적인 오류인 경우 시스템이 자동으로 재시도합니다", bounce::Tries::general},
           {"발송 실패 시에는 자동으로 재시도합니다", bounce::Tries::general},
           {"일시적 오류는 자동으로 재시도합니다", bounce::Tries::general},
           {"수신 서버가 복구되면 자동으로 재전송됩니다", bounce::Tries::conditional},
           {"Delayed mail will be retried for 3 days", bounce::Tries::general},
           {"Mail that is delayed will be retried", bounce::Tries::general},
           {"A temporary error will be retried", bounce::Tries::general},
           {"Delivery to the other recipients will be retried", bounce::Tries::general},
           {"Most mail servers will retry", bounce::Tries::general},
           {"Your mail server will retry", bounce::Tries::general},
           {"Press the button and your message will be resent", bounce::Tries::general},
           {"지연 메일은 자동으로 재발송됩니다", bounce::Tries::general},
           {"전송에 실패한 메일을 3일 동안 재시도합니다", bounce::Tries::general},
           {"We will try again", bounce::Tries::implied},
           {"Further delivery attempts will be made", bounce::Tries::implied},
           {"The server mx.sender.example will retry", bounce::Tries::implied},
           {"수신 서버 오류로 재시도합니다", bounce::Tries::implied},
           {"자동 재시도됨", bounce::Tries::implied},
           {"오류 시스템이 자동으로 재시도합니다", bounce::Tries::implied},
           {"전송이 지연되면서 자동으로 재시도합니다", bounce::Tries::implied},
           {"The server will keep trying for 3 days", bounce::Tries::own},
           {"Delivery attempts will continue", bounce::Tries::own},
           {"Your messages are queued", bounce::Tries::own},
           {"The server will try to deliver it again", bounce::Tries::own},
           {"Delivery to lee@rcpt.example will be retried", bounce::Tries::own},
           {"메일 서버가 30분 간격으로 재전송을 시도하고 있습니다", bounce::Tries::own},
           {"A message that you sent has not yet been delivered", bounce::Tries::own},
           {"A mail server will try to deliver this message again", bounce::Tries::own},
           {"The messages to lee@rcpt.example will be retried", bounce::Tries::own},
           {"After several failures your message will be retried", bounce::Tries::own},
           {"In this case the message will be retried", bounce::Tries::own},
           {"It will be retried when the server is back", bounce::Tries::own},
           {"이 경우 자동으로 재시도합니다", bounce::Tries::own},
           {"재발송을 시도하며 계속 실패하는 경우 알려 드립니다", bounce::Tries::own},
       }) {
    CAPTURE(std::string(text));
    CHECK(whose(text) == expected);
  }
}

TEST_CASE("hostile words about tries cost no more than their length") {
  for (const std::string part : {"will be ", "keep ", "yet not ", "queue in ", "재시도", "지연",
                                 "지연되고있", "대기중입니다", "경우재시도", "시면재시도",
                                 "and failed ", "and it will ", "재시도함", "일재시도합니다"}) {
    const auto growth =
        test::cost_growth(part, 20'000, [](const std::string& text) { is_still_tried(text); });
    CHECK_MESSAGE(growth < test::least_superlinear_growth, part);
  }
}

}  // namespace maildiag
