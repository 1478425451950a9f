#include "diagnose/says_later.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

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
       }) {
    CAPTURE(text);
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
       }) {
    CAPTURE(text);
    CHECK_FALSE(says_later(text));
  }
}

TEST_CASE("a hostile text costs no more than its length") {
  for (const std::string part :
       {"try ", "trying ", "나중에 다시 ", "1시간 후 ", "일시적", "not to "}) {
    std::string text;
    while (text.size() < 1'000'000) text += part;
    const auto begin = std::chrono::steady_clock::now();
    says_later(text + "permanent");
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  }
}

}  // namespace

}  // namespace maildiag
