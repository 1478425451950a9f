// Input that is made to hurt: each ends in one clear message, and the time stays far below a second
// a megabyte.

#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "bounce/fields.h"
#include "bounce/mime.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"

using namespace maildiag;
using namespace maildiag::bounce;

namespace {

/// Generous for sanitizers on a busy machine; quadratic cost would take minutes.
constexpr auto patience = std::chrono::seconds(20);

std::string error_of(const std::string& octets) {
  const auto start = std::chrono::steady_clock::now();
  const auto read = read_bounce(octets);
  CHECK(std::chrono::steady_clock::now() - start < patience);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::bad_data);
  return read.error().message;
}

std::string repeat(const std::string& text, std::size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

const std::string head = "From: a@b.example\nSubject: x\n";

}  // namespace

TEST_CASE("nothing, binary, foreign formats") {
  CHECK(error_of("") == "not a bounce: it is empty");
  CHECK(error_of(" \r\n\n") == "not a bounce: it is empty");
  CHECK(error_of(std::string(5000, '\0')) == "not a bounce: binary data");
  CHECK(error_of(std::string("\x7f"
                             "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
                             16)) == "not a bounce: binary data");
  CHECK(error_of("\xD0\xCF\x11\xE0 and more") ==
        "not a mail but an Outlook .msg file; save it as .eml");
  CHECK(error_of("hello world\n") ==
        "not a bounce: plain text without a reply of a mail server in it");
}

TEST_CASE("one line of 50 MiB") {
  CHECK(error_of(std::string(50UL << 20, 'a')) ==
        "not a bounce: plain text without a reply of a mail server in it");
  CHECK(error_of("Subject: " + std::string(50UL << 20, 'a')) ==
        "a header is larger than 256 KiB; not read further");
  CHECK(error_of(head + "\n" + std::string(50UL << 20, 'a'))
            .starts_with("not a bounce: it looks like an ordinary mail"));
}

TEST_CASE("larger than the bound") {
  CHECK(error_of(head + "\n" + std::string(65UL << 20, 'a')) == "larger than 64 MiB; not read");
}

TEST_CASE("20,000 nested parts, nested messages, 200,000 parts") {
  std::string nested = head;
  for (int i = 0; i < 20000; ++i)
    nested += fmt::format("Content-Type: multipart/mixed; boundary=b{}\n\n--b{}\n", i, i);
  CHECK(error_of(nested) == "more than 256 MIME parts; not read further");
  std::string same = head;
  for (int i = 0; i < 20000; ++i) same += "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
  CHECK(error_of(same) == "more than 256 MIME parts; not read further");
  CHECK(error_of(head + repeat("Content-Type: message/rfc822\n\n", 20000)) ==
        "more than 256 MIME parts; not read further");
  CHECK(error_of(head + "Content-Type: multipart/mixed; boundary=\"b\"\n\n" +
                 repeat("--b\n\nx\n", 200000)) == "more than 256 MIME parts; not read further");
  CHECK(error_of(head + "Content-Type: multipart/mixed;\n boundary*0=b\n\n" +
                 repeat("--b\n\nx\n", 200000)) == "more than 256 MIME parts; not read further");
  std::string deep = head;
  for (int i = 0; i < 40; ++i)
    deep += fmt::format("Content-Type: multipart/mixed; boundary=b{}\n\n--b{}\n", i, i);
  CHECK(error_of(deep + "\nx") == "MIME parts nested deeper than 16; not read");
}

TEST_CASE("addresses that GMime reads by recursion, or in quadratic time") {
  for (const auto* unit : {"a:", "a,", "<a,", "\"a\",", "a (b),", "a.b, "}) {
    CAPTURE(unit);
    const auto addresses = repeat(unit, 240'000 / std::string_view(unit).size());
    for (const auto* name : {"From", "Sender", "reply-to", "To", "Cc ", "BCC\t"}) {
      CAPTURE(name);
      CHECK(error_of(fmt::format("Subject: x\n{}: {}\n\nx\n", name, addresses))
                .starts_with("not a bounce: it looks like an ordinary mail"));
    }
    CHECK(error_of(head + "Content-Type: message/rfc822\n\nTo: " + addresses + "\n\nx\n")
              .starts_with("not a bounce: it looks like an ordinary mail"));
  }
  CHECK(error_of("To:\n" + repeat(" a:a:a:\n", 30'000) + "\nx\n")
            .starts_with("not a bounce: it looks like an ordinary mail"));
}

TEST_CASE("long fields of addresses change nothing of what is read") {
  const auto bounce = [](std::size_t recipients) {
    const auto to =
        "To: " + repeat("a person <person@b.example>,\n ", recipients) + "z@b.example\n";
    return "From: MAILER-DAEMON@mx.example\n" + to +
           "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
           "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
           "Final-Recipient: rfc822; joe@c.example\nAction: failed\nStatus: 5.1.1\n"
           "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
           "--b\nContent-Type: message/rfc822\n\nFrom: a@b.example\n" +
           to + "Subject: hello\n\nTo: me\n--b--\n";
  };
  const auto few = read_bounce(bounce(1));
  const auto many = read_bounce(bounce(1000));
  REQUIRE(few);
  REQUIRE(many);
  REQUIRE(many->failures.size() == 1);
  CHECK(many->failures[0].recipient == "joe@c.example");
  CHECK(many->failures[0].reply.text == few->failures[0].reply.text);
  REQUIRE(many->returned);
  CHECK(many->returned->raw.find("\nTo: a person") != std::string::npos);
  CHECK(many->returned->raw.find("Xo:") == std::string::npos);
}

TEST_CASE("replies behind each other, and fields in which a recipient may stand") {
  const auto start = std::chrono::steady_clock::now();
  const auto read = read_bounce("From: MAILER-DAEMON@a.example\nSubject: failure notice\n\n" +
                                repeat("field:\n550:", 90'000));
  CHECK(std::chrono::steady_clock::now() - start < patience);
  REQUIRE(read);
  CHECK(read->failures.size() == 2);
}

TEST_CASE("a boundary is found however it is declared") {
  const std::string many = repeat("--b\n\nx\n", 2000);
  for (const std::string& declared :
       {"; x=" + std::string(1200, 'a') + "; boundary=b", std::string("; boundary\n =b"),
        std::string("; boundary=\n b"), std::string("; boundary=(c)b"),
        std::string("; boundary=\"\\b\""), std::string("; boundary=\"=?us-ascii?q?b?=\""),
        std::string("; =?us-ascii?q?boundary=3Db?="), std::string("; boundary*=us-ascii''%62"),
        std::string("; boundary=\"b \"")}) {
    CAPTURE(declared);
    CHECK(error_of(head + "Content-Type: multipart/mixed" + declared + "\n\n" + many) ==
          "more than 256 MIME parts; not read further");
  }
  CHECK(error_of(head + "Content-Type : multipart/mixed; boundary=b\n\n" + many) ==
        "more than 256 MIME parts; not read further");
  // Nothing but dashes, or nothing at all.
  CHECK(error_of(head + "Content-Type: multipart/mixed; boundary=\"-\"\n\n" +
                 repeat("---\n\nx\n", 2000)) == "more than 256 MIME parts; not read further");
  CHECK(error_of(head + "Content-Type: multipart/mixed; boundary=\"\"\n\n" +
                 repeat("--\n\nx\n", 2000)) == "more than 256 MIME parts; not read further");
  for (const auto* type : {"message\n /rfc822", "message(c)/rfc822"}) {
    CHECK(error_of(head + repeat(fmt::format("Content-Type: {}\n\n", type), 2000)) ==
          "more than 256 MIME parts; not read further");
  }
}

TEST_CASE("lines that look like boundaries of nothing are no parts") {
  const auto read = read_bounce(
      "From: MAILER-DAEMON@a.example\nSubject: failure notice\n"
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"
      "550 5.1.1 <a@b.example>: no such user\n" +
      repeat("-- \n--x\n-----\n", 2000) + "--b--\n");
  REQUIRE(read);
  CHECK(read->failures.size() == 1);
}

TEST_CASE("many lines against many boundaries") {
  std::string deep = head;
  for (int i = 0; i < 200; ++i)
    deep += fmt::format("Content-Type: multipart/mixed; boundary=b{}\n\n--b{}\n", i, i);
  CHECK(error_of(deep + "\n" + repeat("--\n", 1'000'000)) ==
        "too many lines that may be boundaries; not read further");
}

TEST_CASE("a header's fields are counted in whatever form they come") {
  const std::string multipart = head + "Content-Type: multipart/mixed; boundary=b\n\n";
  // Names that are none, with octets above ASCII, and lines without a colon between the fields.
  for (const auto* field : {"\xC3\xA9: x\n", "a:\nb c\n", ":\n", "a \t:\n"}) {
    CAPTURE(field);
    CHECK(error_of(multipart + "--b\n" + repeat(field, 300'000) + "\nx\n--b--\n") ==
          "a header is larger than 256 KiB; not read further");
  }
  CHECK(error_of(multipart + repeat("--b\n" + repeat("a:\n", 50'000) + "\nx\n", 100)) ==
        "the headers of all parts are larger than 512 KiB; not read further");
  CHECK(error_of(head + "Content-Type: multipart/digest; boundary=b\n\n" +
                 repeat("--b\n\n" + repeat("a:\n", 50'000) + "\nx\n", 100)) ==
        "the headers of all parts are larger than 512 KiB; not read further");
}

TEST_CASE("300,000 header fields") {
  CHECK(error_of(head + repeat("X-Field: value\n", 300000) + "\nbody") ==
        "a header is larger than 256 KiB; not read further");
  CHECK(error_of(head + "Content-Type: message/rfc822\n\n" + repeat("X-Field: value\n", 300000)) ==
        "a header is larger than 256 KiB; not read further");
}

TEST_CASE("lines that end in CR, and at last one in LF, are taken in no time") {
  std::string text;
  while (text.size() < 4'000'000) text += "x: y\r";
  CHECK(split_header(text + '\n').body.empty());
  auto rest = std::string_view("a\rb\r\r\nc\nd\r\n\re\r");
  std::string lines;
  while (!rest.empty()) lines += std::string(take_line(rest)) + '|';
  CHECK(lines == "a|b||c|d||e|");
}

TEST_CASE("a megabyte without an address is searched for one in no time") {
  for (const std::string piece : {" c@", "x@[", "\"@ "}) {
    CAPTURE(piece);
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    CHECK_FALSE(find_address(text + ' '));
  }
}

TEST_CASE("a delivery status of many fields keeps those that are read") {
  const auto failure_of = [](std::size_t count, const std::string& last) {
    std::string text =
        "From: MAILER-DAEMON@a.example\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n"
        "Final-Recipient: rfc822; a@b.example\n";
    for (std::size_t i = 0; i < count; ++i) text += fmt::format("X-A{}:\n", i);
    const auto read = read_bounce(text + "Action: failed\n" + last + "\n--b--\n");
    REQUIRE(read);
    CHECK(read->failures.at(0).recipient == "a@b.example");
    return read->failures.at(0);
  };
  const std::string vendor = "X-Supplementary-Info: smtp;550 of a vendor\n folded\n";
  CHECK(failure_of(10, vendor).reply.text == "of a vendor folded");
  CHECK(failure_of(10'000, vendor).reply.text == "of a vendor folded");
  CHECK(failure_of(200, "Diagnostic-Code: smtp; 550 no\n" + vendor).reply.text == "no");
}

TEST_CASE("text and failures are counted for the whole mail, not for each part") {
  const auto start =
      "From: MAILER-DAEMON@a.example\nContent-Type: multipart/report; boundary=b\n\n";
  const auto text = "--b\nContent-Type: text/plain\n\n" + repeat("words\n", 100'000);
  const auto status =
      "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n" +
      repeat("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n", 400);
  const auto octets = start + repeat(text, 10) + "--b--\n";
  const auto mail = parse_mail(octets);
  REQUIRE(mail);
  CHECK(mail->parts.size() == 10);
  std::size_t decoded = 0;
  for (const auto& part : mail->parts) decoded += part.decoded.size();
  CHECK(decoded == max_all_text_bytes);
  const auto read = read_bounce(start + repeat(status, 4) + "--b--\n");
  REQUIRE(read);
  CHECK(read->failures.size() == max_failures);
}

TEST_CASE("many recipients, addresses, brackets stay bounded") {
  const std::string report =
      "From: MAILER-DAEMON@a.example\nContent-Type: multipart/report; boundary=b\n\n--b\n"
      "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\n";
  const auto start = std::chrono::steady_clock::now();
  const auto many = read_bounce(
      report +
      repeat("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n", 10000) +
      "--b--\n");
  REQUIRE(many);
  CHECK(many->failures.size() == max_failures);
  CHECK(many->full);
  // Those who got it count, too, though they are no failures.
  const auto some = read_bounce(
      report +
      repeat("Final-Recipient: rfc822; a@b.example\nAction: delivered\nStatus: 2.0.0\n\n", 900) +
      repeat("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n", 900) +
      "--b--\n");
  REQUIRE(some);
  CHECK(some->failures.size() == 100);
  CHECK(some->full);
  const auto mailer = "From: MAILER-DAEMON@a.example\nSubject: failure notice\n\n";
  for (const auto* text :
       {"<a@b.example>: ", "((((((((", "a@b.example@c.example ", ">>> <<< 550 5.1.1 ", "@\"@\"",
        "<<< 550-a\n",
        "Hi. This is the qmail-send program at a. <x@y.example>:\nRemote host said: 550 x\n\n",
        "<a@b.example>\n   (reason: 550 5.1.1 x\n", "#5.1.1 smtp;550 ",
        "a@b.example... Deferred: 4"}) {
    CAPTURE(text);
    const std::string block = text;
    const auto read = read_bounce(mailer + repeat(block, (256UL << 10) / block.size()));
    if (read) CHECK(read->failures.size() <= max_failures);
    const auto transcript =
        read_bounce(mailer + std::string("----- Transcript of session follows -----\n") +
                    repeat(block, (256UL << 10) / block.size()));
    if (transcript) CHECK(transcript->failures.size() <= max_failures);
  }
  CHECK(std::chrono::steady_clock::now() - start < 3 * patience);
}
