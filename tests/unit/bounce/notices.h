/// Notices to a person, without a delivery report: what is read of them.
#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/reader.h"

namespace maildiag::test {

struct Notice {
  std::string subject, body;
};

inline const std::string busy = "lee@rcpt.example\n450 4.2.1 mailbox busy\n";

inline bounce::Bounce bounce_of(const Notice& notice) {
  const auto bounce = bounce::read_bounce(
      "From: MAILER-DAEMON@mx.sender.example\nTo: kim@sender.example\nSubject: " + notice.subject +
      "\nContent-Type: text/plain; charset=utf-8\n\n" + notice.body);
  REQUIRE(bounce);
  return *bounce;
}

/// One of each failure, in their order.
inline std::vector<bounce::Action> actions_of(const Notice& notice) {
  std::vector<bounce::Action> result;
  for (const auto& failure : bounce_of(notice).failures) result.push_back(failure.action);
  return result;
}

/// Of a notice about one recipient.
inline void check(const Notice& notice, bounce::Kind kind, bounce::Action action) {
  CAPTURE(notice.subject);
  CAPTURE(notice.body);
  const auto bounce = bounce_of(notice);
  REQUIRE(bounce.failures.size() == 1);
  CHECK(bounce.kind == kind);
  CHECK(bounce.failures.front().action == action);
}

}  // namespace maildiag::test
