#include "bounce/same_site.h"

#include <string>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag::bounce;

TEST_CASE("names of one organisation belong together, by the public suffix list") {
  CHECK(same_site("mx1.example.com", "mail.example.com"));
  CHECK(same_site("mx1.aol.com", "aol.com"));
  CHECK(same_site("MX1.gmx.net.", "mail.GMX.net"));
  CHECK(same_site("mx1.abc.example", "store.abc.example"));
  CHECK(same_site("mx.kt.co.kr", "kt.co.kr"));
  CHECK(same_site("mail.github.io", "github.io"));
  CHECK(same_site("localhost", "localhost"));
  CHECK_FALSE(same_site("example.co.kr", "other.co.kr"));
  CHECK_FALSE(same_site("one.com.au", "two.com.au"));
  CHECK_FALSE(same_site("one.pe.kr", "pe.kr"));
  CHECK_FALSE(same_site("one.github.io", "two.github.io"));
  CHECK_FALSE(same_site("one.com", "com"));
  CHECK_FALSE(same_site("badexample.com", "example.com"));
  CHECK_FALSE(same_site("", ""));
  CHECK_FALSE(same_site("example.com", ""));
  const std::string long_name = std::string(300, 'a') + ".com";
  CHECK(same_site(long_name, long_name));
  CHECK_FALSE(same_site("x." + long_name, "y." + long_name));
}

TEST_CASE("a receiver with a short name that gives the mail back is no sending host") {
  for (const std::string domain : {"longer.example", "abc.example", "kt.com", "web.de"}) {
    CAPTURE(domain);
    const auto bounce = read_bounce("Received: from mx1." + domain + " (mx1." + domain +
                                    " [192.0.2.33])\n"
                                    "\tby mail.sender.example (Postfix) with ESMTPS id 4fXyZ\n"
                                    "From: MAILER-DAEMON@mx1." +
                                    domain +
                                    "\n"
                                    "To: alice@sender.example\n"
                                    "Subject: Undelivered Mail Returned to Sender\n"
                                    "Content-Type: multipart/report; boundary=b\n\n"
                                    "--b\nContent-Type: message/delivery-status\n\n"
                                    "Reporting-MTA: dns; mx1." +
                                    domain +
                                    "\n\n"
                                    "Final-Recipient: rfc822; bob@" +
                                    domain +
                                    "\n"
                                    "Action: failed\nStatus: 5.7.1\n"
                                    "Remote-MTA: dns; store." +
                                    domain +
                                    "\n"
                                    "Diagnostic-Code: smtp; 550 5.7.1 SPF check failed\n\n"
                                    "--b\nContent-Type: message/rfc822\n\n"
                                    "Received: from mail.sender.example (mail.sender.example "
                                    "[203.0.113.7])\n\tby mx1." +
                                    domain +
                                    " with ESMTP id 1\n"
                                    "From: alice@sender.example\n\nhello\n--b--\n");
    REQUIRE(bounce.has_value());
    REQUIRE(bounce->failures.size() == 1);
    const auto& failure = bounce->failures[0];
    REQUIRE(failure.sending_ip);
    CHECK(failure.sending_ip->to_string() == "203.0.113.7");
    CHECK(failure.helo == "mail.sender.example");
  }
}
