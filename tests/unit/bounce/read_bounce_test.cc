#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"
#include "core/clock.h"
#include "core/text.h"

using namespace maildiag;
using namespace maildiag::bounce;

namespace {

const std::string data = TEST_SOURCE_DIR "/tests/data/bounces/";

std::string octets_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file, path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Bounce bounce_of(const std::string& name) {
  const auto bounce = read_bounce(octets_of(data + name));
  REQUIRE_MESSAGE(bounce.has_value(), name);
  return *bounce;
}

struct Row {
  std::string file;
  Kind kind;
  std::string format;
  std::size_t index;
  std::string recipient, sender, remote_host, remote_ip;
  int code;
  std::string status, text;  // the text's beginning
  std::string command, sending_ip, source, helo;
};

void check(const Row& row) {
  CAPTURE(row.file);
  CAPTURE(row.index);
  const auto bounce = bounce_of(row.file);
  CHECK(bounce.kind == row.kind);
  CHECK(bounce.format == row.format);
  REQUIRE(bounce.failures.size() > row.index);
  const auto& failure = bounce.failures[row.index];
  CHECK(failure.recipient == row.recipient);
  CHECK(failure.sender == row.sender);
  CHECK(failure.remote_host == row.remote_host);
  CHECK((failure.remote_ip ? failure.remote_ip->to_string() : "") == row.remote_ip);
  CHECK(failure.reply.code == row.code);
  CHECK(failure.reply.status == row.status);
  CHECK(failure.reply.text.substr(0, row.text.size()) == row.text);
  CHECK(failure.command == row.command);
  CHECK((failure.sending_ip ? failure.sending_ip->to_string() : "") == row.sending_ip);
  CHECK(failure.sending_ip_source == row.source);
  CHECK(failure.helo == row.helo);
}

const std::string kim = "kim@sender.example";
const std::string lee = "lee@receiver.example";
const std::string own = "mail.sender.example";

}  // namespace

TEST_CASE("delivery status notifications") {
  for (const Row& row : std::vector<Row>{
           {"postfix-dsn.eml", Kind::failure, "rfc3464", 0, lee, kim, "mx1.receiver.example",
            "198.51.100.25", 550, "5.1.1", "RUSR 203.0.113.7: No such user: <lee@receiver.example>",
            "RCPT TO", "203.0.113.7", "reply", own},
           {"postfix-dsn.eml", Kind::failure, "rfc3464", 1, "park@other.example", kim,
            "mx.other.example", "198.51.100.99", 554, "5.7.1",
            "Service unavailable; Client host [203.0.113.7] blocked using zen", "end of DATA",
            "203.0.113.7", "reply", own},
           {"postfix-reverse-dns.eml", Kind::failure, "rfc3464", 0, lee, kim, "mx.receiver.example",
            "198.51.100.25", 554, "",
            "walipinc13 bizsmtp Connection rejected. Reverse DNS for 203.0.113.7 does not exist.",
            "connect", "203.0.113.7", "reply", own},
           {"postfix-delay.eml", Kind::delay, "rfc3464", 0, lee, kim, "mx.receiver.example",
            "198.51.100.25", 0, "4.4.1",
            "connect to mx.receiver.example[198.51.100.25]:25: Connection timed out", "connect", "",
            "", own},
           {"sendmail-dsn.eml", Kind::failure, "rfc3464", 0, "lee@hanmail.example", kim,
            "mx1.hanmail.example", "", 554, "5.7.1", "DAS51 203.0.113.7: Your mail is blocked",
            "RCPT TO", "203.0.113.7", "reply", own},
           {"exchange-365.eml", Kind::failure, "rfc3464", 0, lee, kim, "", "", 550, "5.7.23",
            "The message was rejected because of Sender Policy Framework violation -> 550 5.7.23 "
            "SPF",
            "", "203.0.113.7", "reply", own},
           {"gmail-2024.eml", Kind::failure, "rfc3464", 0, "lee@gmail.example", kim,
            "gmail-smtp-in.l.google.example", "198.51.100.27", 550, "5.7.26",
            "This mail is unauthenticated, which poses a security risk to the sender and", "",
            "203.0.113.7", "reply", "googlemail.com"},
           {"rfc6533.eml", Kind::failure, "rfc3464", 0, "이@받는이.example", "김@보낸이.example",
            "mx.receiver.example", "", 550, "5.1.1", "<이@받는이.example>: 없는 사용자입니다", "",
            "", "", own},
           {"dsn-odd.eml", Kind::failure, "rfc3464", 0, lee, kim, "", "", 552, "5.2.2",
            "Mailbox full, see https://receiver.example/quota and ask the user", "", "203.0.113.7",
            "received", own},
           {"forwarded-attachment.eml", Kind::failure, "rfc3464", 0, lee, kim,
            "mx.receiver.example", "198.51.100.25", 554, "",
            "walipinc13 bizsmtp Connection rejected.", "connect", "203.0.113.7", "reply", own},
       }) {
    check(row);
  }
  CHECK(bounce_of("postfix-dsn.eml").failures.size() == 2);
  // The recipient that got the mail is no failure.
  CHECK(bounce_of("dsn-odd.eml").failures.size() == 1);
  CHECK(bounce_of("rfc6533.eml").failures[0].original_recipient == "이@receiver.example");
  CHECK(bounce_of("postfix-dsn.eml").failures[0].original_recipient == "team@receiver.example");
  CHECK(bounce_of("postfix-dsn.eml").failures[0].reporting_mta == own);
  CHECK(bounce_of("postfix-dsn.eml").failures[0].sender_source == "dsn");
}

TEST_CASE("texts of each mail system") {
  for (const Row& row : std::vector<Row>{
           {"postfix-forwarded-text.txt", Kind::failure, "postfix", 0, lee, "",
            "mail.receiver.example", "198.51.100.25", 550, "5.1.1",
            "RUSR 203.0.113.7: No such user: <lee@receiver.example>", "RCPT TO", "203.0.113.7",
            "reply", "smtp.mydomain.example"},
           {"sendmail-deferred-one-line.txt", Kind::delay, "sendmail", 0, "lee@test.example", "",
            "mx.test.example", "", 451, "4.1.8",
            "Domain of sender address kim@sender.example does not resolve", "RCPT TO", "", "", ""},
           {"sendmail-yahoo-one-line.txt", Kind::failure, "sendmail", 0, "foo@yahoo.example", "",
            "mta5.am0.yahoodns.example", "", 553, "5.7.2",
            "[TSS09] All messages from 203.0.113.7 will be permanently", "MAIL FROM", "203.0.113.7",
            "reply", ""},
           {"sendmail-trendmicro-one-line.txt", Kind::failure, "sendmail", 0,
            "BBB@receiver.example", "", "remote.receiver.example", "", 550, "5.7.1",
            "Your email messages have been blocked by the recipient OR by", "", "", "", ""},
           {"sendmail-two-recipients.eml", Kind::failure, "sendmail", 0, "one@a.example", kim,
            "mx.a.example", "", 550, "5.1.1",
            "The email account that you tried to reach does not exist. Please try double-checking "
            "the address.",
            "RCPT TO", "", "", ""},
           {"sendmail-two-recipients.eml", Kind::failure, "sendmail", 1, "two@b.example", kim,
            "mx.b.example", "", 452, "4.2.2", "<two@b.example> Over quota", "RCPT TO", "", "", ""},
           {"qmail-two-recipients.eml", Kind::failure, "qmail", 0, lee, kim, "", "198.51.100.25",
            550, "5.1.0", "Address rejected.", "RCPT TO", "", "", own},
           {"qmail-two-recipients.eml", Kind::failure, "qmail", 1, "park@gmail.example", kim, "",
            "198.51.100.26", 552, "5.7.0",
            "This message was blocked because its content presents a potential security issue. "
            "Please visit",
            "end of DATA", "", "", own},
           // 192.0.2.44 is the user's desk, not the server.
           {"qmail-two-recipients.eml", Kind::failure, "qmail", 2, "choi@nowhere.example", kim, "",
            "", 0, "5.1.2", "Sorry, I couldn't find any host named nowhere.example. (#5.1.2)", "",
            "", "", own},
           {"qmail-tls.txt", Kind::failure, "qmail", 0, "", "", "", "198.51.100.25", 0, "",
            "TLS connect failed: error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown "
            "protocol",
            "", "", "", own},
           {"qmail-senderbase.txt", Kind::failure, "qmail", 0, "", "", "mx.receiver.example",
            "198.51.100.10", 554, "",
            "Your access to this mail system has been rejected due to the sending MTA's poor "
            "reputation.",
            "connect", "", "", ""},
           {"qmail-cname.txt", Kind::failure, "qmail", 0, lee, kim, "", "", 0, "4.4.3",
            "CNAME lookup failed temporarily. (#4.4.3)", "", "", "", ""},
           {"forwarded-inline.eml", Kind::failure, "qmail", 0, "lee@hanmail.example", kim, "",
            "198.51.100.25", 550, "5.7.1",
            "RDENY The receiver denied your mail. Please contact the receiver with another way.",
            "RCPT TO", "", "", own},
           {"exim.eml", Kind::failure, "exim", 0, lee, kim, "mx.receiver.example", "198.51.100.25",
            550, "5.7.1", "Relaying denied. IP name lookup failed [203.0.113.9]", "RCPT TO",
            "203.0.113.9", "reply", "mail.relay.example"},
           // The bounce's own way back shows the outgoing server.
           {"exim.eml", Kind::failure, "exim", 1, "park@other.example", kim, "mx.other.example",
            "198.51.100.99", 552, "5.2.3", "Message length exceeds maximum", "end of DATA",
            "203.0.113.9", "received", "mail.relay.example"},
           {"exim.eml", Kind::failure, "exim", 2, "choi@nowhere.example", kim, "", "", 0, "",
            "Unrouteable address", "", "203.0.113.9", "received", "mail.relay.example"},
           {"exim-delay.eml", Kind::delay, "exim", 0, lee, kim, "mx.receiver.example",
            "198.51.100.25", 451, "4.7.1", "Greylisting in action, please come back later",
            "RCPT TO", "", "", own},
           {"exchange-2003.eml", Kind::failure, "exchange", 0, lee, kim, "", "", 550, "5.1.1",
            "<lee@receiver.example>... User unknown", "", "", "", "exch.sender.example"},
           {"exchange-2003.eml", Kind::failure, "exchange", 1, "park@other.example", kim, "", "",
            550, "5.7.1", "Unable to relay for park@other.example", "", "", "",
            "exch.sender.example"},
           {"exchange-2010-korean.eml", Kind::failure, "exchange", 0, lee, kim,
            "mx.receiver.example", "", 550, "5.1.1", "RESOLVER.ADR.RecipNotFound; not found", "",
            "", "", "exch01.sender.example"},
           {"gmail-2010.eml", Kind::failure, "gmail", 0, "lee@holidays.example",
            "kim@gmail.example", "smtp.server.example", "198.51.100.25", 550, "5.1.0",
            "Address rejected.", "", "", "", ""},
           {"yahoo.eml", Kind::failure, "qmail", 0, lee, "kim@yahoo.example", "", "", 550, "5.7.1",
            "Message rejected due to content restrictions", "", "", "", "web1.mail.yahoo.example"},
           {"opensmtpd.eml", Kind::failure, "reply", 0, lee, kim, "", "", 550, "5.1.1",
            "<lee@receiver.example>: Recipient address rejected: User unknown", "", "", "", own},
           {"courier.eml", Kind::failure, "courier", 0, lee, kim, "mx.receiver.example",
            "198.51.100.25", 550, "", "User unknown.", "RCPT TO", "", "", own},
           {"symantec.txt", Kind::failure, "reply", 0, "", "", "", "", 421, "4.7.0",
            "This message does not have authentication information or fails to pass authentication "
            "checks. To best",
            "", "", "", ""},
           {"unknown-mta-euckr.eml", Kind::failure, "reply", 0, lee, kim, "", "", 554, "",
            "스팸 발송 계정으로 차단됨", "", "", "", ""},
           {"unknown-mta-iso2022kr.eml", Kind::failure, "reply", 0, lee, kim, "", "", 554, "",
            "스팸 발송 계정으로 차단됨", "", "", "", ""},
       }) {
    check(row);
  }
  CHECK(bounce_of("qmail-two-recipients.eml").failures.size() == 3);
  CHECK(bounce_of("exim.eml").failures.size() == 3);
  CHECK(bounce_of("exim.eml").failures[0].original_recipient == "team@receiver.example");
}

TEST_CASE("the returned message comes to the octet, for its signatures") {
  const auto returned = [](const std::string& inner) {
    const std::string head =
        "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; boundary=\"B\"\r\n\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; b@c.example\r\nAction: failed\r\nStatus: 5.7.1\r\n\r\n"
        "--B\r\nContent-Type: message/rfc822\r\n\r\n";
    const auto bounce = read_bounce(head + inner + "\r\n--B--\r\n");
    return bounce && bounce->returned ? bounce->returned->raw : std::string("none");
  };
  const std::string plain = "From: a@b.example\r\nSubject: x\r\n\r\nHello\r\n";
  CHECK(returned(plain) == plain);
  // A boundary of its own may begin with the one around it.
  const std::string nested =
      "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=\"B1\"\r\n\r\n"
      "--B1\r\n\r\nHello\r\n--B1--\r\n";
  CHECK(returned(nested) == nested);
}

TEST_CASE("the returned message") {
  const auto bounce = bounce_of("postfix-dsn.eml");
  REQUIRE(bounce.returned);
  CHECK_FALSE(bounce.returned->headers_only);
  CHECK(bounce.returned->from_domain == "sender.example");
  CHECK(bounce.returned->message_id == "1795253400.1@sender.example");
  REQUIRE(bounce.returned->dkim_selectors.size() == 1);
  CHECK(bounce.returned->dkim_selectors[0] ==
        std::pair<std::string, std::string>{"mail2026", "sender.example"});
  CHECK(bounce.returned->raw.starts_with("Return-Path: <kim@sender.example>\n"));
  CHECK(bounce.returned->raw.ends_with("\nHello\n"));
  REQUIRE(bounce.returned->date);
  CHECK(to_rfc3339(*bounce.returned->date) == "2026-11-21T09:30:00Z");
  CHECK(bounce_of("postfix-reverse-dns.eml").returned->headers_only);
  // base64 around message/rfc822, which RFC 2046 forbids.
  CHECK(bounce_of("dsn-odd.eml").returned->received_helo == own);
  CHECK(bounce_of("qmail-two-recipients.eml").returned->from_domain == "sender.example");
}

TEST_CASE("times") {
  CHECK(to_rfc3339(*bounce_of("sendmail-dsn.eml").failures[0].time) == "2018-12-26T06:07:10Z");
  CHECK(to_rfc3339(*bounce_of("postfix-dsn.eml").failures[0].time) == "2026-11-21T09:30:03Z");
  CHECK(to_rfc3339(*bounce_of("sendmail-deferred-one-line.txt").failures[0].time) ==
        "2018-12-26T06:06:59Z");
}

TEST_CASE("a first From with blanks before its colon is read, an mbox line is not") {
  const std::string rest =
      "MAILER-DAEMON@mx.example\nTo: a@b.example\nSubject: Notice\n\n"
      "<x@c.example>: host mx.c.example[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT "
      "TO command)\n";
  const auto bounce = read_bounce("From : " + rest);
  REQUIRE(bounce);
  CHECK(bounce->failures.at(0).sender == "a@b.example");
  const auto behind_line = read_bounce("From x@y Sat Nov 21 09:30:00 2026\nFrom: " + rest);
  REQUIRE(behind_line);
  CHECK(behind_line->failures.at(0).sender == "a@b.example");
}

TEST_CASE("mails that are no failure are told apart") {
  CHECK(bounce_of("arf.eml").kind == Kind::feedback_report);
  CHECK(bounce_of("vacation.eml").kind == Kind::auto_reply);
  CHECK(bounce_of("vacation-korean.eml").kind == Kind::auto_reply);
  CHECK(bounce_of("challenge.eml").kind == Kind::challenge);
  for (const auto* name : {"receipt.eml", "ordinary.eml"}) {
    const auto read = read_bounce(octets_of(data + name));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::bad_data);
  }
  const auto ordinary = read_bounce(octets_of(data + "ordinary.eml"));
  CHECK(ordinary.error().message ==
        "not a bounce: it looks like an ordinary mail with the subject \"Lunch?\"");
}

TEST_CASE("a bare reply is a bounce of its own") {
  const auto bounce = read_bounce(
      "554 walipinc13 bizsmtp Connection rejected. Reverse DNS for 124.243.61.57 does not "
      "exist.\n");
  REQUIRE(bounce);
  CHECK(bounce->format == "reply");
  REQUIRE(bounce->failures.size() == 1);
  CHECK(bounce->failures[0].reply.code == 554);
  CHECK(bounce->failures[0].sending_ip == IpAddress::parse("124.243.61.57"));
  const auto reply = read_reply(
      "<a@b.example>: host mx.b.example[192.0.2.1] said: 550 5.1.1 x (in reply to RCPT TO "
      "command)");
  CHECK(reply.failures[0].recipient == "a@b.example");
  CHECK(reply.failures[0].remote_host == "mx.b.example");
  CHECK_FALSE(reply.failures[0].sending_ip);
  REQUIRE(read_bounce("552-5.7.0 a\r552 5.7.0 b"));
  CHECK(read_bounce("552-5.7.0 a\r552 5.7.0 b")->failures[0].reply.text == "a b");
}

TEST_CASE("every fixture survives being cut short, and other line ends") {
  for (const auto& entry : std::filesystem::directory_iterator(data)) {
    CAPTURE(entry.path().string());
    const auto whole = octets_of(entry.path().string());
    for (std::size_t part = 0; part < 24; ++part) {
      const auto cut = read_bounce(std::string_view(whole).substr(0, whole.size() * part / 24));
      if (!cut) CHECK(cut.error().code == ErrorCode::bad_data);
      if (cut) {
        for (const auto& failure : cut->failures)
          CHECK(text::to_valid_utf8(failure.reply.text) == failure.reply.text);
      }
    }
    const auto expected = read_bounce(whole);
    if (whole.find('\r') != std::string::npos) continue;
    for (const auto* ends : {"\r\n", "\r"}) {
      std::string other;
      for (const char c : whole) c == '\n' ? other += ends : other += c;
      const auto read = read_bounce(other);
      REQUIRE(read.has_value() == expected.has_value());
      if (!read) continue;
      CHECK(read->kind == expected->kind);
      REQUIRE(read->failures.size() == expected->failures.size());
      for (std::size_t i = 0; i < read->failures.size(); ++i) {
        CHECK(read->failures[i].reply.text == expected->failures[i].reply.text);
        CHECK(read->failures[i].recipient == expected->failures[i].recipient);
      }
    }
  }
}
