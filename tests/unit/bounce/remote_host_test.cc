// Whose address a text names: the host that was talked to, or the one that sent.

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag::bounce;

namespace {

const std::string plain_bounce =
    "Return-Path: <>\n"
    "From: MAILER-DAEMON@mail.sender.example (Mail Delivery System)\n"
    "To: kim@sender.example\n"
    "Subject: Undelivered Mail Returned to Sender\n"
    "\n"
    "This is the mail system at host mail.sender.example.\n"
    "\n";

std::string status_report(const std::string& diagnostic) {
  return "Return-Path: <>\n"
         "From: MAILER-DAEMON@mail.sender.example (Mail Delivery System)\n"
         "To: kim@sender.example\n"
         "Subject: Undelivered Mail Returned to Sender\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n"
         "\n"
         "--b\nContent-Type: message/delivery-status\n"
         "\n"
         "Reporting-MTA: dns; mail.sender.example\n"
         "\n"
         "Final-Recipient: rfc822; bob@good.example\n"
         "Action: failed\n"
         "Status: 4.4.1\n"
         "Diagnostic-Code: " +
         diagnostic + "\n\n--b--\n";
}

DeliveryFailure only_failure(const std::string& octets) {
  const auto bounce = read_bounce(octets);
  REQUIRE(bounce.has_value());
  REQUIRE(bounce->failures.size() == 1);
  return bounce->failures[0];
}

void check_remote(const DeliveryFailure& failure, std::string_view command) {
  CHECK(failure.remote_host == "mail.good.example");
  CHECK((failure.remote_ip ? failure.remote_ip->to_string() : "") == "211.202.13.146");
  CHECK(failure.command == command);
  CHECK_FALSE(failure.sending_ip);
}

std::string sending_ip(const std::string& reply) {
  const auto failure = read_reply(reply).failures.at(0);
  return failure.sending_ip ? failure.sending_ip->to_string() : "";
}

}  // namespace

TEST_CASE("the host that could not be talked to is the remote one") {
  struct Row {
    std::string words, command;
  };
  const std::string host = "mail.good.example[211.202.13.146]";
  for (const auto& [words, command] : std::vector<Row>{
           {"connect to " + host + ":25: Connection refused", "connect"},
           {"delivery temporarily suspended: connect to " + host + ":25: Connection timed out",
            "connect"},
           {"host " + host + " said: 550 5.1.1 No such user (in reply to RCPT TO command)",
            "RCPT TO"},
           {"host " + host + " refused to talk to me: 421 4.7.0 later", "connect"},
           {"lost connection with " + host + " while sending RCPT TO", "RCPT TO"},
           {"lost connection with " + host + " while receiving the initial server greeting",
            "connect"},
           {"lost connection with " + host + " while performing the EHLO handshake", "EHLO"},
           {"conversation with " + host + " timed out while sending MAIL FROM", "MAIL FROM"},
           {"conversation with " + host + " timed out while sending message body", "end of DATA"},
           {"TLS is required, but was not offered by host " + host, "STARTTLS"},
       }) {
    CAPTURE(words);
    const bool tls = command == "STARTTLS";
    check_remote(only_failure("<bob@good.example>: " + words), tls ? "" : command);
    check_remote(only_failure(plain_bounce + "<bob@good.example>: " + words + "\n"),
                 tls ? "" : command);
    check_remote(only_failure(status_report("X-Postfix; " + words)), tls ? "" : command);
  }
  const auto sendmail =
      read_reply("bob@good.example... Deferred: Connection refused by mail.good.example.");
  CHECK(sendmail.failures[0].remote_host == "mail.good.example");
}

TEST_CASE("only an address that the reply does not give to another host is the sending one") {
  CHECK(sending_ip("connect to mx.a.example[192.0.2.1]:25: refused, also connect to "
                   "mx.b.example[192.0.2.2]:25: refused") == "");
  CHECK(sending_ip("451 4.4.2 lost connection with mx.b.example[192.0.2.2]") == "");
  CHECK(sending_ip("451 4.4.1 connect to 192.0.2.2: Connection timed out") == "");
  CHECK(sending_ip("451 4.4.1 Connection refused by [192.0.2.2]") == "");
  CHECK(sending_ip("554 5.0.0 host mx.b.example[192.0.2.2] said: 550 no such user") == "");
  CHECK(sending_ip("host mx.b.example[192.0.2.2] said: 554 you are 192.0.2.2 or so") == "");
  // These name the client.
  CHECK(sending_ip("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked") ==
        "192.0.2.7");
  CHECK(sending_ip("554 5.7.1 Client host mail.sender.example[192.0.2.7] blocked") == "192.0.2.7");
  CHECK(sending_ip("550 Host 192.0.2.7 is listed") == "192.0.2.7");
  CHECK(sending_ip("550 your host with IP 192.0.2.7 is listed") == "192.0.2.7");
  CHECK(sending_ip("host mx.b.example[192.0.2.2] said: 554 Reverse DNS for 192.0.2.7 does not "
                   "exist") == "192.0.2.7");
}

TEST_CASE("where the last attempt went is not where the mail came from") {
  for (const std::string words : {
           "550 5.4.300 Message expired -> 451 4.4.0 Primary target IP address responded with: "
           "\"421 4.4.2 Connection dropped due to SocketError.\" Attempted failover to alternate "
           "host, but that did not succeed. The last endpoint attempted was 192.0.2.33:25",
           "550 5.4.300 Message expired -> 421 4.4.1 Connection timed "
           "out;LastAttemptedServerName=mx.two.example;LastAttemptedIP=192.0.2.1:25",
           "550 5.4.300 Message expired -> 421 4.4.1 Connection timed out. LastIP=192.0.2.1",
           "450 4.4.317 Cannot connect [Message=x];{FQDN=mx.two.example};{IP=192.0.2.1}",
           "451 4.4.1 Connection to mx.two.example. [192.0.2.1] timed out",
           "451 4.4.1 Connection timed out with mx.two.example. [192.0.2.1]",
           "451 4.4.1 Connection refused by mx.two.example [192.0.2.1]",
           "mx.two.example [192.0.2.1]: Connection timed out: retry timeout exceeded",
           "host mx.two.example [192.0.2.1] Connection timed out: retry timeout exceeded",
           "retry timeout exceeded for host mx.two.example [192.0.2.1]",
           "server certificate not trusted: mx.two.example[192.0.2.1]",
           "Sorry, I wasn't able to establish an SMTP connection to 192.0.2.1. (#4.4.1)",
           "your message to mx.two.example [192.0.2.1] timed out",
           "the client waited for an answer to mx.two.example [192.0.2.1]",
       }) {
    CAPTURE(words);
    CHECK(sending_ip(words) == "");
    CHECK_FALSE(only_failure(status_report("smtp; " + words)).sending_ip);
  }
  // The recipient's own host in brackets, by its name.
  CHECK_FALSE(
      only_failure(status_report("smtp; 550 rejecting (mx.good.example [192.0.2.1])")).sending_ip);
  // What is no reply may still call an address the client's.
  CHECK(sending_ip("Service unavailable; Client host [192.0.2.7] blocked") == "192.0.2.7");
  CHECK(sending_ip("mx.two.example [192.0.2.1] says that your IP address is 192.0.2.7") ==
        "192.0.2.7");
  CHECK(sending_ip("550 5.7.1 rejected by list.example [192.0.2.7]") == "192.0.2.7");
  CHECK(sending_ip("550 5.7.1 mail.sender.example [192.0.2.7] is listed") == "192.0.2.7");
}

TEST_CASE("words without a code that judge an address judge the client's") {
  for (const std::string words : {
           "PTR record missing for 192.0.2.7",
           "IP 192.0.2.7 has no reverse DNS",
           "192.0.2.7 is listed at zen.spamhaus.org",
           "Connection refused: 192.0.2.7 blocked using bl.example",
           "Too many connections from 192.0.2.7",
           "Connection from [192.0.2.7] rejected by policy",
           "connecting IP 192.0.2.7 is not welcome",
           "bad reputation of 192.0.2.7, ask postmaster@good.example",
           "발신 IP 192.0.2.7의 평판이 낮아 수신이 거부되었습니다",
           "귀하의 IP는 192.0.2.7이며 수신이 제한되었습니다",
           "역방향 DNS가 없는 IP(192.0.2.7)입니다",
           "192.0.2.7에 대한 PTR 레코드가 없습니다",
           "192.0.2.7로부터의 메일이 스팸으로 차단되었습니다",
           "발신 IP 192.0.2.7에서 보낸 메일을 거부합니다",
           "Client host rejected: cannot find your reverse hostname, [192.0.2.7]",
           "Message rejected due to sender IP reputation ([192.0.2.7])",
           "Your IP (192.0.2.7) has been blocked, contact mx.two.example (192.0.2.1)",
           "Reverse DNS (PTR) lookup of [192.0.2.7] failed",
           "블랙리스트에 등록된 IP: 192.0.2.7",
       }) {
    CAPTURE(words);
    CHECK(sending_ip(words) == "192.0.2.7");
  }
  // As our own server tells of the other one.
  for (const std::string words : {
           "mail to 192.0.2.1 is blocked here",
           "192.0.2.1로 보낸 메일이 차단되었습니다",
           "mx.two.example[192.0.2.1] is blocked by a firewall",
           "mx.two.example [192.0.2.1]: mail for the blocked user",
           "192.0.2.1: timed out, blocked by a firewall",
           "connecting to 192.0.2.1 failed, is port 25 blocked?",
           "연결할 수 없습니다: 192.0.2.1 (방화벽에서 차단)",
           "발신 IP가 수신 서버 192.0.2.1에 도달하지 못했습니다",
           "192.0.2.1: Connection refused",
           "no answer of 192.0.2.1",
           "TLS is required, but was not offered by host mx.two.example[192.0.2.1]",
           "message size 9 exceeds size limit 8 of server mx.two.example[192.0.2.1]",
       }) {
    CAPTURE(words);
    CHECK(sending_ip(words) == "");
  }
}

TEST_CASE("words without a code that may be about another host give no sending address") {
  for (const std::string words : {
           "192.0.2.1: message refused as spam",
           "mx.antispam.example.net (192.0.2.1): Connection refused",
           "Connection refused by mx.spamfilter.example.net (192.0.2.1)",
           "Connection to spamfilter.example.net (192.0.2.1) refused",
           "spamgate.example.net/192.0.2.1: Connection refused",
           "Connection refused: spamgate.example.net, 192.0.2.1",
           "Could not reach antispam.example.net at 192.0.2.1",
           "Port 25 of 192.0.2.1 is blocked",
           "outgoing port 25 is blocked: 192.0.2.1",
           "Outbound connections to host 192.0.2.1 are blocked by policy",
           "Network is blocked on the way: 192.0.2.1",
           "Server 192.0.2.1 rejected the message as spam",
           "The mail server 192.0.2.1 considers the message spam",
           "The mail server at 192.0.2.1 blocked your message",
           "mail server mx.example.net at 192.0.2.1 said that your message was blocked",
           "Remote server 192.0.2.1 returned: message blocked",
           "Remote server (192.0.2.1) returned: message identified as spam",
           "Message was blocked by server 192.0.2.1",
           "Message was blocked by the server at 192.0.2.1",
           "Delivery via 192.0.2.1 failed: message looks like spam",
           "relay=192.0.2.1, spam message rejected",
           "next hop 192.0.2.1: message blocked",
           "192.0.2.1 does not like recipient. Remote host said: user is blocked",
           "192.0.2.1 failed after I sent the message. Remote host said: spam detected",
           "Giving up on 192.0.2.1. Remote host said: message is spam",
           "User and password not set, continuing without authentication. 192.0.2.1 failed after I "
           "sent the message. Remote host said: spam message",
           "Connected to 192.0.2.1 but sender was rejected. Remote host said: spam",
           "Message to 192.0.2.1:25 blocked",
           "smtp; 192.0.2.1 blocked the mail as spam",
           "mx.example.net[192.0.2.1]: spam content detected",
           "delivery to mx.example.net[192.0.2.1]:25 blocked",
           "all hosts for 'example.net' have been failing for a long time: mx.spam.example.net "
           "192.0.2.1",
           "수신 서버(192.0.2.1)에서 스팸으로 차단되었습니다",
           "수신서버 192.0.2.1에서 스팸 메일로 분류되어 차단되었습니다",
           "192.0.2.1 서버가 메일을 차단하였습니다",
           "192.0.2.1 서버에서 메일을 스팸으로 판단했습니다",
           "상대 서버 192.0.2.1: 스팸 메일로 차단",
           "192.0.2.1에 접속이 차단되었습니다",
           "192.0.2.1에 보낸 메일이 스팸으로 차단되었습니다",
           "192.0.2.1 로 보낸 메일이 차단되었습니다",
           "192.0.2.1 으로 전송한 메일이 스팸으로 거부되었습니다",
           "192.0.2.1(으)로 보낸 메일이 차단되었습니다",
           "192.0.2.1 서버로 보낸 메일이 차단되었습니다",
           "메일 서버(192.0.2.1)로 보낸 메일이 스팸으로 차단되었습니다",
           "방화벽이 192.0.2.1:25 연결을 차단했습니다",
           "25번 포트가 차단되어 192.0.2.1에 연결할 수 없음",
           "25번 포트 차단: 192.0.2.1 연결 실패",
           "발신 IP를 192.0.2.1 서버가 차단했습니다",
           "발신 IP가 192.0.2.1 서버에서 차단되었습니다",
           "귀하의 IP가 192.0.2.1에서 차단되었습니다",
           "발송 IP 평판 문제로 mx.example.net(192.0.2.1)이 거부",
           "발신 IP에서 192.0.2.1로 접속 실패",
           "발신 IP에서 받는 서버 192.0.2.1에 접속하지 못했습니다",
           "발신 IP에서 메일 서버(192.0.2.1)에 연결 실패",
           "connections from your network are refused at 192.0.2.1",
           "connecting host could not reach 192.0.2.1",
           "connection from here, peer 192.0.2.1: reset",
           "connection from local host: 192.0.2.1 refused it",
           "Received: spam-filter reset the connection; peer 192.0.2.1",
           "PTR query sent, server 192.0.2.1 did not answer",
           "PTR lookup failed: DNS server 192.0.2.1 did not answer",
           "DNSBL query to nameserver 192.0.2.53 failed",
           "RBL server 192.0.2.53 is not responding",
           "200.1.2.3 marked spam, mx 192.0.2.1",
           "192.0.2.1 refused: 203.0.113.7 listed in RBL",
           "발신 IP 192.0.2.7에서 수신 서버 192.0.2.1로 보낸 메일을 거부합니다",
           "192.0.2.1 is listed as the only exchanger",
           "192.0.2.1 found no PTR record for the sending host",
           "192.0.2.1 has no PTR record for your host",
           "server 192.0.2.1 is listed in our routes",
           "192.0.2.1 blacklisted our address",
           "192.0.2.1은 역방향 DNS가 없는 메일을 거부합니다",
           "192.0.2.1 IP는 차단되었습니다",
           "192.0.2.1에서 보낸 메일을 차단했습니다",
           "블랙리스트에 등록된 IP를 서버 192.0.2.1에서 차단",
       }) {
    CAPTURE(words);
    CHECK(sending_ip(words) == "");
  }
}

TEST_CASE("an address judged without a code does not outrank the hops of the mail") {
  const auto with_hop = [](const std::string& words) {
    const auto received = std::string(
        "Received: from mail.sender.example (mail.sender.example [203.0.113.7])\n"
        "\tby mx.home.example with ESMTP; Mon, 23 Nov 2026 00:00:00 +0000\n");
    const auto failure = only_failure(received + status_report("x-unix; " + words));
    return failure.sending_ip ? failure.sending_ip->to_string() : "";
  };
  CHECK(with_hop("server 192.0.2.1 blocked the message: no PTR record for the sending host") ==
        "203.0.113.7");
  CHECK(with_hop("수신 서버(192.0.2.1)에서 역방향 DNS(PTR)가 없어 차단되었습니다") ==
        "203.0.113.7");
  CHECK(with_hop("no PTR record for 192.0.2.1") == "203.0.113.7");
  // Called the client's, it is the one that was seen: the mail may have left by another one.
  CHECK(with_hop("Client host [192.0.2.7] blocked") == "192.0.2.7");
  CHECK_FALSE(
      only_failure(status_report("x-unix; your host is listed, says 192.0.2.1")).sending_ip);
  CHECK(
      only_failure(status_report("x-unix; mail.sender.example[192.0.2.7] is listed at bl.example"))
          .sending_ip == maildiag::IpAddress::parse("192.0.2.7"));
}

TEST_CASE("the name in a reply about HELO is the name that was sent") {
  CHECK(read_reply("504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname")
            .failures[0]
            .helo == "localhost");
  CHECK(read_reply("host mx.b.example[192.0.2.2] said: 450 4.7.1 <Mail.Sender.example>: Helo "
                   "command rejected: Host not found (in reply to RCPT TO command)")
            .failures[0]
            .helo == "mail.sender.example");
  CHECK(read_reply("550 5.7.1 <[192.0.2.7]>: Helo command rejected: x").failures[0].helo ==
        "[192.0.2.7]");
  CHECK(read_reply("550 5.1.1 <a@b.example>: Recipient address rejected").failures[0].helo == "");
  CHECK(read_reply("504 <a b\"c>: Helo command rejected: x").failures[0].helo == "");
  CHECK(read_reply("504 : Helo command rejected: x").failures[0].helo == "");
  // The reporting server's name is a guess beside it, whether the reply names an address or not.
  CHECK(only_failure(status_report("smtp; 504 5.5.2 <localhost>: Helo command rejected: need "
                                   "fully-qualified hostname"))
            .helo == "localhost");
  CHECK(only_failure(status_report("smtp; 504 5.5.2 <localhost>: Helo command rejected: need "
                                   "fully-qualified hostname (192.0.2.7)"))
            .helo == "localhost");
  CHECK(only_failure(status_report("smtp; 504 5.5.2 need fully-qualified hostname")).helo ==
        "mail.sender.example");
}

TEST_CASE("Exchange names a server by its greeting, others by what they looked up") {
  const auto report = [](const std::string& text, const std::string& field,
                         const std::string& from = "postmaster@sender.example") {
    const std::string fields =
        "Reporting-MTA: dns;ex01.sender.example\n\nFinal-Recipient: rfc822;bob@good.example\n"
        "Action: failed\nStatus: 5.7.1\nRemote-MTA: dns;mail.good.example\n"
        "Diagnostic-Code: smtp;550 5.7.1 Unable to relay\n";
    return only_failure(
        "From: " + from +
        "\nTo: kim@sender.example\nSubject: Undeliverable: hi\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\n" +
        text + "\n--b\nContent-Type: message/delivery-status\n\n" + fields + field + "\n--b--\n");
  };
  const std::string exchange =
      "Diagnostic information for administrators:\n\nGenerating server: ex01.sender.example\n\n"
      "bob@good.example\n"
      "mail.good.example #550 5.7.1 Unable to relay ##rfc822;bob@good.example\n";
  const std::string sendmail =
      "   ----- The following addresses had permanent fatal errors -----\n<bob@good.example>\n"
      "    (reason: 550 5.7.1 Unable to relay)\n\n   ----- Transcript of session follows -----\n"
      "... while talking to mail.good.example.:\n>>> DATA\n<<< 550 5.7.1 Unable to relay\n";
  for (const auto& failure :
       {report(exchange, ""),
        report("", "X-Supplementary-Info: <mail.good.example #5.7.1 smtp;550>\n"),
        report("Please ask the help desk.", "",
               "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@sender.example"),
        report("", "", "Help desk <microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@s.example>"),
        report("", "", "postmaster@sender.example\nX-MS-Exchange-Message-Is-Ndr:")}) {
    CHECK(failure.remote_host == "mail.good.example");
    CHECK(failure.remote_greeted);
  }
  for (const auto& failure :
       {report("", ""), report(sendmail, ""),
        report("", "", "MAILER-DAEMON@microsoftexchange.sender.example"),
        report("", "", "MicrosoftExchange-Team <mailer-daemon@sender.example>"),
        report("", "", "\"MicrosoftExchange1@sender.example\" <mailer-daemon@sender.example>")}) {
    CHECK(failure.remote_host == "mail.good.example");
    CHECK_FALSE(failure.remote_greeted);
  }
  CHECK(only_failure("From: postmaster@sender.example\nSubject: Undeliverable: hi\n\n" + exchange)
            .remote_greeted);
}
