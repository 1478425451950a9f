#include "diagnose/says_later.h"

#include <string>

#include <doctest/doctest.h>

#include "support/cost_growth.h"

namespace maildiag {

namespace {

using diagnose::says_later;

TEST_CASE("words that ask to try again later") {
  for (const auto* text : {
           "Too many messages, please try again later",
           "try again later.",
           "TRY AGAIN LATER",
           "please try\r\n  again later",
           "Service not available, try again later",
           "please try again in 30 minutes",
           "Retry after 1 hour.",
           "try sending your message again in an hour",
           "send it again tomorrow",
           "Retry in 300s",
           "Please wait 10 minutes and try again",
           "We will retry shortly",
           "We suggest trying again later",
           "mailbox temporarily unavailable",
           "Temporary failure: mailbox is not available",
           "this is not a permanent error, try again later",
           "Do not worry. Please try again later",
           "발송량을 초과하였습니다. 잠시 후 다시 시도해 주세요.",
           "잠시후에 다시 시도하세요",
           "잠시만 기다렸다가 다시 보내세요",
           "나중에 다시 보내 주세요",
           "추후 다시 보내세요",
           "내일 다시 보내 주세요",
           "30분 이후 다시 시도하세요",
           "약 30분이 지난 후 다시 시도하세요",
           "한 시간 후 다시 시도하세요",
           "24시간 후에 재전송 바랍니다",
           "1일 후 다시 보내세요",
           "10 분 후 다시 시도해 주세요",
           "몇 분 뒤 다시 시도해 주세요",
           "30분 정도 후에 다시 시도해 주세요",
           "일시적인 오류로 전송하지 못했습니다",
           "일시적으로 서비스가 원활하지 않습니다",
           "일시적인 오류로 인해 정상적인 상태가 아닙니다",
           "잠시 후 다시 시도하시고 문제가 해결되지 않으면 관리자에게 문의해 주세요",
           "영구적인 오류가 아닙니다. 나중에 다시 시도해 주세요",
           // Who was given up is asked himself.
           "상대 서버가 응답하지 않아 반송되었습니다. 잠시 후 다시 보내 주세요.",
           "We have given up. Please send your message again tomorrow.",
           "일시적 장애로 재전송하지 않습니다. 1시간 후 다시 보내 주세요",
           "잠시 후 다시 시도해 주시고 재시도에 실패하면 관리자에게 문의하세요",
           "Please try again in 10 minutes if the first attempt failed",
           "Retry in 30 minutes, if that failed call us",
           "temporary internal mail server error",
           "Temporary: disk of the server",
           "451 temporary local problem",
           "The problem is temporary and will be gone soon",
           "temporary lookup failure",
           "Temporarily rejected",
           "host temporarily unreachable, not giving up yet",
           "temporary failure; the message is returned if it is not delivered within 3 days",
           "the lookup returned a temporary error",
           "Temporary failure: no more than 10 attempts at once",
           "temporarily deferred; no further attempts for 10 minutes",
           "일시적인 메일 서비스 장애",
           "일시적 메일 수신 불가",
           "일시적인 계정 오류",
           "일시적인 장애로 지연되고 있으며 72시간 안에 전달되지 않으면 반송됩니다",
           "반송된 메일이 많아 일시적으로 차단되었습니다",
           "일시적 장애이며 10분 동안 재시도하지 않습니다",
           "최종 수신 서버의 일시적인 오류입니다",
           "일시적 오류이며 전송을 포기하지 않습니다",
           "Mailbox full, will keep trying for 3 days",
           "Message deferred: mailbox busy",
           "메일함이 가득 차 자동으로 재시도합니다",
       }) {
    CAPTURE(std::string(text));
    CHECK(says_later(text));
  }
}

TEST_CASE("words about another time, and those that refuse to try again") {
  for (const auto* text : {
           "",
           "Mailbox is full",
           "Do not try again later.",
           "Please don't ever retry in 10 minutes",
           "There is no need to try again later",
           "It is useless to try again later",
           "Trying it again later will not help",
           "There is no point in trying again later",
           "If you try again later, it won't help",
           "Permanently refused, do not try again later",
           "This is a permanent error; try again later",
           "Host temporarily unreachable. Giving up.",
           "This is not a temporary error",
           "cannot write the temporary file",
           "Please try with TLS 1.2 or later",
           "No more than 100 messages in an hour may be sent",
           "We kept trying for 5 days",
           "see try-again-later.example",
           "주소를 확인하신 후 다시 보내 주세요",
           "잘못된 부분 후 다시 보내 주세요",
           "받지 않은 메일은 24시간 후 삭제됩니다",
           "첨부 파일은 잠시 후 삭제됩니다",
           "안내일정을 다시 확인해 주세요",
           "나중에 다시 시도하지 마십시오",
           "나중에 다시 보내지 마세요",
           "잠시 후 다시 시도하지 않습니다",
           "잠시 후 다시 시도해도 소용없습니다",
           "1시간 후 다시 시도하였으나 실패했습니다",
           "일시적인 오류가 아닙니다",
           "일시적인 시스템 오류가 아니라 정책입니다",
           "일시적이지 않은 오류입니다",
           "영구 오류입니다. 나중에 다시 보내 주세요",
           "영구적으로 정지되었습니다. 잠시 후 다시 시도해 주세요",
           "일시적인 장애가 계속되어 전송을 포기합니다",
           "일시적으로 수신이 거부되었으며 재발송하지 않습니다.",
           "일시적 장애로 재전송하지 않습니다",
           "일시적 장애로 자동으로 재전송되지 않습니다",
           "일시적 장애이며 재시도는 하지 않습니다",
           "일시적 장애가 계속되어 메일을 반송합니다.",
           "일시적인 장애가 계속되어 최종 배달 실패 처리되었습니다",
           "4시간 후 재시도 결과 실패하여 반송합니다",
           "3일 후 재시도에 실패하여 메일을 반송합니다",
           "1시간 뒤 재전송 실패",
           "Retrying will not be attempted: the server was temporarily out of reach",
           "The host was temporarily out of reach; no further attempts",
           "host temporarily out of reach, the message will not be retried",
           "temporarily unreachable; your message was returned to you",
           "Temporary failure. We give up.",
           "Please do not try to send it again later",
           "The retry after 4 hours failed; returned to you",
           "We tried to send it again after 4 hours and failed",
           "We were unable to resend it after 4 hours",
           "Temporary e-mail services are not allowed here",
           "Your domain is on our list of temporary mail providers",
           "Not authorized: temporary credentials are invalid",
           "no temporary addresses",
           "Mailbox full, we kept trying and have given up",
           "3일간 재시도하였으나 메일함이 가득 차 있습니다",
           "cannot lock the temporary file",
           "일시적인 메일 주소는 사용할 수 없습니다",
       }) {
    CAPTURE(std::string(text));
    CHECK_FALSE(says_later(text));
  }
}

TEST_CASE("a hostile text costs no more than its length") {
  for (const std::string part :
       {"try ", "trying ", "나중에 다시 ", "1시간 후 ", "일시적", "not to "}) {
    const auto growth = test::cost_growth(
        part, 20'000, [](const std::string& text) { says_later(text + "permanent"); });
    CHECK_MESSAGE(growth < test::least_superlinear_growth, part);
  }
}

}  // namespace

}  // namespace maildiag
