#include <cstdlib>
#include <ctime>
#include <string>

#include <doctest/doctest.h>

#include "bounce/log/line.h"
#include "bounce/log/reader.h"
#include "bounce/log/stamp.h"

using namespace maildiag;
using bounce::log::split_line;
using bounce::log::StampForm;
using bounce::log::StampReader;

namespace {

void use_zone(const char* zone) {
  setenv("TZ", zone, 1);  // NOLINT: no other thread
  tzset();
}

std::string read(std::string_view text, const char* latest = "2026-11-21T12:00:00Z",
                 std::optional<int> year = {}) {
  StampReader reader(*from_rfc3339(latest), year);
  const auto time = reader.read(bounce::log::take_stamp(text));
  return time ? to_rfc3339(*time) : "none";
}

}  // namespace

TEST_CASE("times of every form") {
  use_zone("Asia/Seoul");
  CHECK(read("Nov 21 09:30:01 mx x: y") == "2026-11-21T00:30:01Z");
  CHECK(read("Nov  1 09:30:01 mx x: y") == "2026-11-01T00:30:01Z");
  CHECK(read("2026-11-21T09:30:01.123456+09:00 mx") == "2026-11-21T00:30:01Z");
  CHECK(read("2026-11-21T09:30:01-0330 mx") == "2026-11-21T13:00:01Z");
  CHECK(read("2026-11-21T09:30:01Z mx") == "2026-11-21T09:30:01Z");
  CHECK(read("2026-11-21 09:30:01 1tE2xY-0001Ab-CD") == "2026-11-21T00:30:01Z");
  CHECK(read("2026-11-21 09:30:01.123 +0100 1tE2xY-0001Ab-CD") == "2026-11-21T08:30:01Z");
  CHECK(read("Nov 21 09:30:01.123456 mx x: y") == "2026-11-21T00:30:01Z");
  CHECK(read("@400000006920000a12345678 x") == "2025-11-21T06:00:32Z");
  // Not times.
  CHECK(read("Nov 32 09:30:01 mx") == "none");
  CHECK(read("2026-02-30 09:30:01 mx") == "none");
  CHECK(read("2026-11-21T25:30:01Z") == "none");
  CHECK(read("@40000000zz") == "none");
  CHECK(read("@ffffffffffffffffffffffff x") == "none");
  CHECK(read("November") == "none");
  CHECK(read("") == "none");
}

TEST_CASE("the year of a date without one") {
  use_zone("UTC");
  CHECK(read("Dec 31 23:00:00 mx", "2027-01-02T00:00:00Z") == "2026-12-31T23:00:00Z");
  CHECK(read("Jan  1 23:00:00 mx", "2027-01-02T00:00:00Z") == "2027-01-01T23:00:00Z");
  CHECK(read("Jan  2 09:00:00 mx", "2027-01-02T00:00:00Z") ==
        "2027-01-02T09:00:00Z");  // other zone
  CHECK(read("Feb 29 09:00:00 mx", "2027-01-02T00:00:00Z") == "2024-02-29T09:00:00Z");
  CHECK(read("Nov 21 09:00:00 mx", "2027-01-02T00:00:00Z", 2016) == "2016-11-21T09:00:00Z");
  // From the first line's year on: over a new year, and back for a line that came late.
  StampReader reader(*from_rfc3339("2027-01-02T00:00:00Z"), 2018);
  const auto next = [&](std::string_view line) {
    const auto time = reader.read(bounce::log::take_stamp(line));
    return time ? to_rfc3339(*time) : "none";
  };
  CHECK(next("Feb 29 09:00:00 mx") == "none");
  CHECK(next("Nov 21 09:00:00 mx") == "2018-11-21T09:00:00Z");
  CHECK(next("Jan  2 09:00:00 mx") == "2019-01-02T09:00:00Z");
  CHECK(next("Dec 31 23:59:58 mx") == "2018-12-31T23:59:58Z");
  CHECK(next("May  1 09:00:00 mx") == "2019-05-01T09:00:00Z");
  CHECK(next("Sep  1 09:00:00 mx") == "2019-09-01T09:00:00Z");
  CHECK(next("Jan  2 09:00:00 mx") == "2020-01-02T09:00:00Z");
  CHECK(next("Feb 29 09:00:00 mx") == "2020-02-29T09:00:00Z");
}

TEST_CASE("of two times in front of a line that counts which knows its year") {
  use_zone("Asia/Seoul");
  const auto stamp_of = [](std::string_view line) {
    return std::string(split_line(line).stamp.text);
  };
  CHECK(stamp_of("2025-11-21T00:30:01.1Z stdout F Nov 21 09:30:01 mx x[1]: y") ==
        "2025-11-21T00:30:01.1Z");
  CHECK(stamp_of("2026-11-21T00:30:02Z 2026-11-21T09:30:01+09:00 mx x[1]: y") ==
        "2026-11-21T09:30:01+09:00");
}

TEST_CASE("who wrote a line") {
  const auto check = [](std::string_view text, std::string_view host, std::string_view program,
                        std::string_view rest) {
    const auto line = split_line(text);
    CHECK(line.host == host);
    CHECK(line.program == program);
    CHECK(line.text == rest);
  };
  check("Nov 21 09:30:01 mx postfix/smtp[12]: A: b", "mx", "postfix/smtp", "A: b");
  check("Nov 21 09:30:01 mx qmail: A b", "mx", "qmail", "A b");
  check("<22>Nov 21 09:30:01 mx sm-mta[1]: [ID 12 mail.info] A", "mx", "sm-mta", "A");
  check("<22>1 2026-11-21T09:30:01Z mx exim 12 - [a b=\"c\"] text: x", "mx", "exim", "text: x");
  check("<22>1 2026-11-21T09:30:01Z mx exim 12 - - text: x", "mx", "exim", "text: x");
  check("2026-11-21T09:30:01+09:00 mx smtpd[1]: A", "mx", "smtpd", "A");
  check("2026-11-21 09:30:01 mx smtpd[1]: A", "mx", "smtpd", "A");
  check("2026-11-21 09:30:01 delivery 5: failure: x", "", "", "delivery 5: failure: x");
  check("2026-11-21T09:30:01.12345 delivery 5: failure: x", "", "", "delivery 5: failure: x");
  check("Nov 21 09:30:01.123456 mx postfix/smtp[12]: A: b", "mx", "postfix/smtp", "A: b");
  check("Nov 21 09:30:01 <mail.info> mx postfix/smtp[12]: A", "mx", "postfix/smtp", "A");
  check("Nov 21 09:30:01 <2.6> mx postfix/smtp[12]: A", "mx", "postfix/smtp", "A");
  check("2026-11-21T00:30:01.1Z Nov 21 09:30:01 mx postfix/smtp[12]: A", "mx", "postfix/smtp", "A");
  check("2026-11-21T00:30:01.1Z stdout F Nov 21 09:30:01 mx postfix/smtp[12]: A", "mx",
        "postfix/smtp", "A");
  check("2026-11-21T00:30:01.1Z stderr F 2026-11-21 09:30:01 Start queue run: pid=1", "", "",
        "Start queue run: pid=1");
  check("no time at all", "", "", "no time at all");
  check("Nov 21 09:30:01", "", "", "");
  check("Nov 21 09:30:01 mx", "", "", "mx");
}

TEST_CASE("moments of --since and --until") {
  use_zone("Asia/Seoul");
  const auto now = *from_rfc3339("2026-11-21T12:00:00Z");
  const auto check = [&](std::string_view text, std::string_view want) {
    const auto moment = bounce::parse_log_moment(text, now);
    CHECK((moment ? to_rfc3339(*moment) : "none") == want);
  };
  check("2026-11-20", "2026-11-19T15:00:00Z");
  check("2026-11-20 09:30", "2026-11-20T00:30:00Z");
  check("2026-11-20T09:30:15Z", "2026-11-20T09:30:15Z");
  check("2026-11-20T09:30:15+01:00", "2026-11-20T08:30:15Z");
  check("1h", "2026-11-21T11:00:00Z");
  check("2d ago", "2026-11-19T12:00:00Z");
  check(" 45 min ago ", "2026-11-21T11:15:00Z");
  check("1w", "2026-11-14T12:00:00Z");
  for (const auto* wrong : {"", "yesterday", "5", "h", "2026-13-01", "2026-11-20x", "-1h",
                            "99999999999d", "1y", "1h 2m"}) {
    CAPTURE(wrong);
    const auto moment = bounce::parse_log_moment(wrong, now);
    REQUIRE_FALSE(moment);
    CHECK(moment.error().code == ErrorCode::usage);
  }
}
