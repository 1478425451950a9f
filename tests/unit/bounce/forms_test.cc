// Forms of bounces that senders and their clients get slightly wrong.

#include <string>

#include <doctest/doctest.h>

#include "bounce/dsn.h"
#include "bounce/html_text.h"
#include "bounce/reader.h"

using namespace maildiag::bounce;

namespace {

std::string bounce_about(const std::string& recipient, const std::string& returned = "") {
  return "From: MAILER-DAEMON@mx.example\nTo: alice@sender.example\nSubject: Undelivered\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
         "--b\nContent-Type: message/delivery-status\n\n"
         "Reporting-MTA: dns; out.sender.example\n\n"
         "Final-Recipient: rfc822; " +
         recipient + "\nAction: failed\nStatus: 5.1.1\n\n" +
         (returned.empty() ? "" : "--b\nContent-Type: message/rfc822\n\n" + returned + "\n") +
         "--b--\n";
}

}  // namespace

TEST_CASE("all bounces that are forwarded in one mail are told") {
  std::string mail =
      "From: alice@own.example\nTo: admin@own.example\nSubject: FW: these\n"
      "Content-Type: multipart/mixed; boundary=X\n\n--X\nContent-Type: text/plain\n\nhere\n";
  const std::string copy = "From: alice@sender.example\nSubject: hi\n\nhello\n";
  const auto attached = [](const std::string& octets) {
    return "--X\nContent-Type: message/rfc822\n\n" + octets + "\n";
  };
  const auto one = read_bounce(mail + attached(bounce_about("a@one.example", copy)) + "--X--\n");
  REQUIRE(one.has_value());
  CHECK(one->failures.size() == 1);
  CHECK(one->returned.has_value());

  for (const auto* who : {"a@one.example", "b@one.example", "c@one.example"}) {
    mail += attached(bounce_about(who, copy));
    mail += attached("From: x@own.example\nSubject: no bounce\n\nhello\n");
  }
  const auto all = read_bounce(mail + "--X--\n");
  REQUIRE(all.has_value());
  CHECK(all->kind == Kind::failure);
  REQUIRE(all->failures.size() == 3);
  CHECK(all->failures[0].recipient == "a@one.example");
  CHECK(all->failures[2].recipient == "c@one.example");
  // It would be one mail's, and be judged for all of them.
  CHECK_FALSE(all->returned.has_value());
}

TEST_CASE("a line of an mbox in front of a mail is none of it") {
  const std::string copy = "Return-Path: <bob@orig.example>\nFrom: bob@orig.example\n\nhi\n";
  for (const std::string line :
       {"", "From bob@orig.example Sat Nov 21 09:30:00 2026\n", ">From bob Sat Nov 21 2026\n"}) {
    CAPTURE(line);
    const auto bounce = read_bounce(line + bounce_about("a@one.example", line + copy));
    REQUIRE(bounce.has_value());
    CHECK(bounce->format == "rfc3464");
    REQUIRE(bounce->failures.size() == 1);
    CHECK(bounce->failures[0].sender == "bob@orig.example");
    REQUIRE(bounce->returned.has_value());
    CHECK(bounce->returned->raw.starts_with("Return-Path:"));
  }
}

TEST_CASE("a quoted local part holds what it likes") {
  const auto recipient = [](const std::string& value) {
    return read_delivery_status("Final-Recipient: rfc822; " + value + "\nAction: failed\n")
        .recipients.at(0)
        .recipient;
  };
  CHECK(recipient("\"a@b c\"@one.example") == "\"a@b c\"@one.example");
  CHECK(recipient("<\"a\\\"@b\"@one.example>") == "\"a\\\"@b\"@one.example");
  CHECK(recipient("\"a b\"@one.example (x)") == "\"a b\"@one.example");
  CHECK(recipient("\"Kim\" <kim@one.example>") == "kim@one.example");
  CHECK(recipient("\"a\"@") == "\"a\"@");
  CHECK(recipient("\"a\\") == "\"a\\");
}

TEST_CASE("character references of HTML by number") {
  CHECK(html_to_text("doesn&#x27;t &#39;x&#039; &#X3c;") == "doesn't 'x' <\n");
  CHECK(html_to_text("&#49688;&#xC2E0;&#x1F600;") == "수신😀\n");
  CHECK(html_to_text("&#x3C;bob@x.example&#x3E;: 550") == "<bob@x.example>: 550\n");
  CHECK(html_to_text("a&#146;s &#x93;b&#x94;") == "a's \"b\"\n");
  CHECK(html_to_text("a&#27;b&#x9B;c&#0;d&#160;e") == "a b c d e\n");
  CHECK(html_to_text("&#xD800;&#1114112;&#99999999;") == "\uFFFD\uFFFD\uFFFD\n");
  CHECK(html_to_text("&#; &#x; &#1a; &#xg; &#-1;") == "&#; &#x; &#1a; &#xg; &#-1;\n");
}
