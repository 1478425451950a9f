#include "bounce/notice_settled.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/reader.h"

namespace maildiag {

using bounce::Action;

TEST_CASE("whom a notice names as still tried is, beside one who was refused for good") {
  const auto actions = [](const std::string& body) {
    const auto bounce = bounce::read_bounce(
        "From: MAILER-DAEMON@mx.sender.example\nTo: kim@sender.example\nSubject: Delivery Status\n"
        "Content-Type: text/plain; charset=utf-8\n\n" +
        body);
    REQUIRE(bounce);
    std::vector<Action> result;
    for (const auto& failure : bounce->failures) result.push_back(failure.action);
    return result;
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
}

}  // namespace maildiag
