// Bounces of mail systems in their own words and languages: who, which host, which reply.

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag;
using namespace maildiag::bounce;

namespace {

Bounce bounce_of(const std::string& name) {
  std::ifstream file(TEST_SOURCE_DIR "/tests/data/bounces/" + name, std::ios::binary);
  REQUIRE_MESSAGE(file, name);
  const auto bounce = read_bounce(std::string{std::istreambuf_iterator<char>(file), {}});
  REQUIRE_MESSAGE(bounce.has_value(), name);
  return *bounce;
}

const std::string kim = "kim@sender.example";
const std::string lee = "lee@receiver.example";
const std::string park = "park@other.example";

struct Expected {
  std::string recipient;
  int code;
  std::string status, text;
  std::string command, remote_host, remote_ip;
};

void check(const std::string& name, std::string_view format, const std::vector<Expected>& rows) {
  CAPTURE(name);
  const auto bounce = bounce_of(name);
  CHECK(bounce.kind == Kind::failure);
  CHECK(bounce.format == format);
  REQUIRE(bounce.failures.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    const auto& failure = bounce.failures[i];
    CHECK(failure.recipient == rows[i].recipient);
    CHECK(failure.reply.code == rows[i].code);
    CHECK(failure.reply.status == rows[i].status);
    CHECK(failure.reply.text == rows[i].text);
    CHECK(failure.command == rows[i].command);
    CHECK(failure.remote_host == rows[i].remote_host);
    CHECK((failure.remote_ip ? failure.remote_ip->to_string() : "") == rows[i].remote_ip);
    CHECK(failure.sender == kim);
  }
}

const std::string mx = "mx.receiver.example";
const std::string mx_ip = "198.51.100.25";
const std::string unknown = "<lee@receiver.example>: Recipient address rejected: User unknown";

std::string mail(const std::string& fields, const std::string& body) {
  return "From: Lee <lee@receiver.example>\nTo: kim@sender.example\n" + fields + "\n" + body + "\n";
}

Kind kind_of(const std::string& octets) {
  const auto bounce = read_bounce(octets);
  return bounce ? bounce->kind : Kind::not_a_bounce;
}

}  // namespace

TEST_CASE("Domino tells recipient and reason behind labels") {
  check("domino.eml", "domino",
        {{lee, 550, "5.1.1", "<lee@receiver.example>... User unknown", "", mx, ""}});
  const std::string listed = "User lee (lee@receiver.example) not listed in Domino Directory";
  check("domino-lines.eml", "domino", {{lee, 0, "", listed, "", "", ""}});
  check("domino-dsn.eml", "rfc3464", {{lee, 0, "5.1.1", listed, "", "", ""}});
  check("domino-german.eml", "domino",
        {{lee, 0, "",
          "Benutzer lee (lee@receiver.example) ist nicht im Domino-Verzeichnis aufgeführt", "", "",
          ""}});
}

TEST_CASE("Yahoo and Amazon") {
  check("yahoo-message.eml", "qmail",
        {{"lee@yahoo.example", 0, "",
          "Sorry your message to lee@yahoo.example cannot be delivered. This account has been "
          "disabled or discontinued [#102].",
          "", "", ""}});
  check("yahoo-command.eml", "qmail",
        {{lee, 550, "5.1.1", unknown + " in virtual mailbox table", "RCPT TO", "", ""}});
  // The Action stands in front of the recipient.
  check("amazon.eml", "rfc3464",
        {{lee, 550, "5.1.1",
          "<lee@receiver.example>: Email address could not be found, or was misspelled (G8)", "",
          "", ""}});
  check("amazon-text.eml", "reply",
        {{lee, 0, "",
          "An error occurred while trying to deliver the mail to the following recipients:", "", "",
          ""}});
}

TEST_CASE("Korean portals") {
  check("daum-html-euckr.eml", "reply", {{lee, 550, "5.1.1", unknown, "", "", ""}});
  check("naver-html.eml", "reply", {{lee, 550, "5.1.1", "No such user", "", "", ""}});
  check("naver-reason.eml", "reply",
        {{"lee@naver.example", 0, "",
          "받는 사람의 메일함 용량이 초과되어 메일을 수신할 수 없습니다.", "", "", ""}});
  check("nate-cp949.eml", "reply", {{lee, 550, "5.1.1", "unknown user", "", "", ""}});
}

TEST_CASE("Gmail in Korean") {
  check("gmail-korean.eml", "gmail", {{lee, 550, "5.1.1", unknown, "", "", ""}});
  const auto delay = bounce_of("gmail-korean-delay.eml");
  CHECK(delay.kind == Kind::delay);
  REQUIRE(delay.failures.size() == 1);
  CHECK(delay.failures[0].recipient == lee);
  CHECK(
      delay.failures[0].reply.text.starts_with("The recipient server did not accept our requests"));
  CHECK(delay.failures[0].remote_host == mx);
  CHECK(delay.failures[0].remote_ip == IpAddress::parse(mx_ip));
  // The host in brackets did not answer; it is not the one that sent.
  CHECK_FALSE(delay.failures[0].sending_ip);
  check("gmail-korean-dns.eml", "gmail",
        {{lee, 0, "",
          "DNS Error: DNS type 'mx' lookup of receiver.example responded with code NXDOMAIN Domain "
          "name not found: receiver.example",
          "", "", ""}});
}

TEST_CASE("Exchange's delay without a report for programs") {
  for (const std::string name : {"exchange-korean-delay.eml", "exchange-delay.eml"}) {
    CAPTURE(name);
    const auto delay = bounce_of(name);
    CHECK(delay.kind == Kind::delay);
    REQUIRE(delay.failures.size() == 1);
    CHECK(delay.failures[0].recipient == lee);
    CHECK(delay.failures[0].action == Action::delayed);
  }
}

TEST_CASE("Postfix with an introduction in another language wraps its replies as ever") {
  const auto bounce = bounce_of("postfix-korean.eml");
  REQUIRE(bounce.failures.size() == 2);
  CHECK(bounce.failures[0].reply.text == "RUSR 203.0.113.7: No such user: <lee@receiver.example>");
  CHECK(bounce.failures[0].remote_host == mx);
  CHECK(bounce.failures[1].recipient == park);
  CHECK(bounce.failures[1].reply.text == "unknown user");
}

TEST_CASE("texts that lost their indentation, and of unknown systems") {
  check("exim-flat.eml", "exim", {{lee, 550, "5.1.1", unknown, "RCPT TO", mx, mx_ip}});
  check("postfix-flat.eml", "postfix",
        {{lee, 550, "5.1.1", unknown, "RCPT TO", mx, mx_ip},
         {park, 554, "5.7.1", "blocked", "end of DATA", "mx.other.example", "198.51.100.26"}});
  check("oracle-messaging.eml", "reply",
        {{lee, 550, "5.1.1", "unknown or illegal alias: lee@receiver.example", "", "", ""}});
  check(
      "no-account.eml", "reply",
      {{lee, 0, "", "This user doesn't have a receiver.example account (lee@receiver.example) [0]",
        "", "", ""}});
}

TEST_CASE("dialogues and sessions in the text") {
  check("courier-dialogue.eml", "courier",
        {{lee, 550, "5.1.1", "User unknown. See the help page.", "RCPT TO", mx, mx_ip},
         {park, 0, "", "DNS lookup failure: other.example. Try again later.", "", "", ""}});
  check("mdaemon.eml", "mdaemon", {{lee, 550, "5.1.1", unknown, "RCPT TO", mx, mx_ip}});
  check("mdaemon-no-connection.eml", "mdaemon",
        {{lee, 0, "", "Winsock Error 10060 The connection timed out.", "", "", mx_ip}});
  check(
      "hmailserver.eml", "hmailserver",
      {{lee, 550, "5.1.1", "User unknown", "RCPT TO", "", mx_ip},
       {park, 0, "", "No mail servers appear to exists for the recipient's address.", "", "", ""}});
}

TEST_CASE("IronPort, GroupWise, Exim's files and programs") {
  check("ironport.eml", "reply", {{lee, 550, "5.1.1", unknown, "", "", ""}});
  check("ironport-dns.eml", "reply",
        {{lee, 0, "4.1.2",
          "Bad destination host 'DNS Hard Error looking up receiver.example (MX): NXDomain'", "",
          "", ""}});
  check("groupwise.eml", "groupwise",
        {{lee, 0, "", "user not found", "", "", ""},
         {"park@receiver.example", 0, "", "mailbox full", "", "", ""}});
  check("exim-files.eml", "exim",
        {{lee, 550, "5.7.1", "Client host rejected. See http://receiver.example/help", "RCPT TO",
          mx, mx_ip},
         {park, 0, "",
          "all hosts for 'other.example' have been failing for a long time (and retry time not "
          "reached)",
          "", "", ""},
         {"choi@third.example", 0, "", "retry timeout exceeded", "", "", ""},
         {"han@sender.example", 0, "", "mailbox is full: retry timeout exceeded", "", "", ""},
         {"yun@sender.example", 0, "",
          "Child process of address_pipe transport returned 127 (could not exec) from command: "
          "/usr/bin/procmail",
          "", "", ""}});
  check("exim-generated.eml", "exim",
        {{"yun@sender.example", 0, "",
          "local delivery failed quota exceeded: mailbox is over its limit", "", "", ""}});
}

TEST_CASE("qmail in other languages") {
  for (const auto* name : {"qmail-spanish.eml", "qmail-korean.eml"}) {
    check(name, "qmail",
          {{lee, 550, "5.1.1", "<lee@receiver.example>... User unknown", "RCPT TO", "", mx_ip},
           {park, 0, "5.1.2", "Sorry, I couldn't find any host named other.example. (#5.1.2)", "",
            "", ""}});
    REQUIRE(bounce_of(name).returned);
    CHECK(bounce_of(name).returned->message_id == "m1@sender.example");
  }
}

TEST_CASE("Exchange in other languages: the diagnostic section decides") {
  for (const auto* language : {"german", "french", "japanese", "spanish", "chinese"}) {
    const auto name = std::string("exchange-2010-") + language + ".eml";
    check(name, "exchange",
          {{lee, 550, "5.1.1", "RESOLVER.ADR.RecipNotFound; not found", "", "", ""},
           {park, 550, "5.7.1", "Unable to relay", "", "mx.other.example", ""}});
    REQUIRE(bounce_of(name).returned);
    CHECK(bounce_of(name).returned->from_domain == "sender.example");
    CHECK(bounce_of(name).failures[0].reporting_mta == "exch01.sender.example");
  }
  for (const auto* language : {"german", "french", "japanese", "korean", "spanish", "chinese"}) {
    check(std::string("exchange-2013-") + language + ".eml", "exchange",
          {{lee, 550, "5.7.1",
            "TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy", "",
            "", ""}});
  }
  check("exchange-2003-german.eml", "exchange",
        {{lee, 0, "5.1.1",
          "Das E-Mail-Konto ist in der Organisation, an die diese Nachricht gesendet wurde, nicht "
          "vorhanden. Überprüfen Sie die E-Mail-Adresse.",
          "", "", ""},
         {park, 550, "5.7.1", "Unable to relay for park@other.example", "", "", ""}});
  CHECK(bounce_of("exchange-2003-german.eml").failures[0].reporting_mta == "exch.sender.example");
  check("exchange-365-html.eml", "reply",
        {{lee, 550, "5.1.10",
          "RESOLVER.ADR.RecipientNotFound; Recipient lee@receiver.example not found by SMTP "
          "address lookup",
          "", "", ""}});
}

TEST_CASE("forwards of a bounce") {
  const Expected rejected{lee, 550, "5.1.1", unknown, "RCPT TO", mx, mx_ip};
  const Expected listed{park,
                        554,
                        "5.7.1",
                        "Service unavailable; Client host [203.0.113.7] blocked using "
                        "zen.spamhaus.org",
                        "",
                        "mx.other.example",
                        ""};
  check("forwarded-file.eml", "rfc3464", {rejected, listed});
  check("forwarded-status-file.eml", "rfc3464", {{lee, 550, "5.1.1", unknown, "", mx, ""}, listed});
  // A wrapped reply begins a line with the recipient's address.
  check("postfix-wrapped.eml", "postfix", {rejected});
  for (const auto* name : {"forwarded-outlook-korean.eml", "forwarded-quoted-exchange.eml"}) {
    const auto bounce = bounce_of(name);
    REQUIRE(bounce.failures.size() == 1);
    CHECK(bounce.failures[0].recipient == lee);
    CHECK(bounce.failures[0].reply.code == 550);
    CHECK(bounce.failures[0].reply.status == "5.1.1");
    // The one who forwards is not the one whose mail came back.
    CHECK(bounce.failures[0].sender != "admin@sender.example");
  }
}

TEST_CASE("automatic replies in other languages are no failures") {
  for (const std::string subject :
       {"Out of Office: test", "Automatic reply: test", "Abwesenheitsnotiz: test",
        "Automatische Antwort: test", "Réponse automatique : test", "Absence du bureau: test",
        "Respuesta automática: test", "Risposta automatica: test", "自動応答: test",
        "【不在】 test", "自動返信: test", "自动答复: test", "자동 회신: test",
        "[부재중 자동응답] test", "부재 중 알림: test", "Re: test (out of office)"}) {
    CAPTURE(subject);
    CHECK(kind_of(mail("Subject: " + subject + "\n", "I am away until Monday.")) ==
          Kind::auto_reply);
  }
  CHECK(kind_of(mail("Subject: Re: test\nAuto-Submitted: auto-replied (vacation)\n",
                     "The error 550 5.1.1 is for my colleague.")) == Kind::auto_reply);
  CHECK(kind_of(mail("Subject: Absolutely\n", "See you.")) == Kind::not_a_bounce);
}

TEST_CASE("challenges are no failures") {
  for (const auto& [subject, body] : std::vector<std::pair<std::string, std::string>>{
           {"[Boxbe] Message Delayed", "Your message about test was waitlisted."},
           {"Re: test (verification required)",
            "Please click the link below to complete the verification process."},
           {"Re: test",
            "To control spam, I now allow incoming messages only from senders I have approved "
            "beforehand."},
           {"[발신자 인증] 메일 전달", "아래 링크를 눌러 발신자 인증을 완료해 주세요."}}) {
    CAPTURE(subject);
    CHECK(kind_of(mail("Subject: " + subject + "\n", body)) == Kind::challenge);
  }
}

TEST_CASE("a delivery status in any order of its fields") {
  const std::string head =
      "From: MAILER-DAEMON@mail.sender.example\nTo: kim@sender.example\nMIME-Version: 1.0\n"
      "Content-Type: message/delivery-status\n\n";
  const auto two =
      read_bounce(head +
                  "Reporting-MTA: dns; mail.sender.example\n\n"
                  "Action: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; a@b.example\n"
                  "\nStatus: 5.2.2\nAction: failed\n"
                  "Final-Recipient: rfc822; c@d.example\n");
  REQUIRE(two);
  REQUIRE(two->failures.size() == 2);
  CHECK(two->failures[0].recipient == "a@b.example");
  CHECK(two->failures[0].reply.status == "5.1.1");
  CHECK(two->failures[1].recipient == "c@d.example");
  CHECK(two->failures[1].reply.status == "5.2.2");
}
