#include "core/clock.h"

#include <doctest/doctest.h>

using namespace maildiag;

TEST_CASE("dates of mails become UTC") {
  CHECK(to_rfc3339(*from_rfc5322_date("Wed, 26 Dec 2018 06:06:59 GMT")) == "2018-12-26T06:06:59Z");
  CHECK(to_rfc3339(*from_rfc5322_date("Mon, 11 Jun 2018 05:40:22 -0700 (PDT)")) ==
        "2018-06-11T12:40:22Z");
  CHECK(to_rfc3339(*from_rfc5322_date("1 Jan 99 00:00 +0900")) == "1998-12-31T15:00:00Z");
  for (const char* zoned :
       {"Sat, 21 Nov 2026 09:30:00 (KST) +0900", "Sat, 21 Nov 2026 09:30:00 +09:00",
        "Sat, 21 Nov 2026 09:30:00 +0900 (Korea, (Seoul))", "(x) 21 Nov (11.) 2026 09:30 KST"})
    CHECK_MESSAGE(to_rfc3339(*from_rfc5322_date(zoned)) == "2026-11-21T00:30:00Z", zoned);
  for (const char* bad : {"", "yesterday", "32 Jan 2020 00:00:00 +0000",
                          "1 Foo 2020 00:00:00 +0000", "1 Jan 2020 25:00"}) {
    CHECK_FALSE_MESSAGE(from_rfc5322_date(bad), bad);
  }
}

TEST_CASE("years that no mail has are no time") {
  for (const char* bad : {"21 Nov 1013 09:30:00 -0000", "21 Nov 9999 09:30:00 +0000",
                          "1 Jan 1969 00:00 +0000", "1 Jan 2201 00:00 +0000"})
    CHECK_FALSE_MESSAGE(from_rfc5322_date(bad), bad);
  CHECK_FALSE(from_rfc3339("1013-11-21T09:30:00Z"));
  CHECK_FALSE(from_rfc3339("9999-11-21T09:30:00Z"));
  CHECK(from_rfc5322_date("31 Dec 2200 23:59:59 +0000"));
}

TEST_CASE("RFC 3339 there and back") {
  CHECK(to_rfc3339(*from_rfc3339("2026-11-21T18:30:00.25+09:00")) == "2026-11-21T09:30:00Z");
  CHECK(to_rfc3339(*from_rfc3339("2026-11-21T09:30:00Z")) == "2026-11-21T09:30:00Z");
  CHECK_FALSE(from_rfc3339("2026-11-21"));
  CHECK_FALSE(from_rfc3339("2026-13-21T09:30:00Z"));
}
