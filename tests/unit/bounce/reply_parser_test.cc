#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag;
using bounce::parse_reply;

namespace {

struct Row {
  std::string input;
  int code;
  std::string status;
  std::string text;
};

void check_rows(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    CAPTURE(row.input);
    const auto parsed = parse_reply(row.input);
    CHECK(parsed.reply.code == row.code);
    CHECK(parsed.reply.status == row.status);
    CHECK(parsed.reply.text == row.text);
  }
}

}  // namespace

TEST_CASE("code, status and text of one line") {
  check_rows({
      {"550 5.1.1 User unknown", 550, "5.1.1", "User unknown"},
      {"421 Your IP is filtered by RBL", 421, "", "Your IP is filtered by RBL"},
      {"550 #5.1.0 Address rejected.", 550, "5.1.0", "Address rejected."},
      {"421 #4.4.5 Too many connections from your host.", 421, "4.4.5",
       "Too many connections from your host."},
      {"550 (5.1.1) no such user", 550, "5.1.1", "no such user"},
      {"550: 5.1.1 no such user", 550, "5.1.1", "no such user"},
      {"554 : Recipient address rejected: Access denied", 554, "",
       "Recipient address rejected: Access denied"},
      {"452 4.4.5 ... Insufficient disk space; try again later", 452, "4.4.5",
       "Insufficient disk space; try again later"},
      {"554 5.3.2 Rejected by mailbox host. REPLY:(550 5.1.1 unknown or illegal alias: "
       "a@samsung.example)",
       554, "5.3.2",
       "Rejected by mailbox host. REPLY:(550 5.1.1 unknown or illegal alias: a@samsung.example)"},
      {"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", 553, "5.7.1",
       "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"},
      {"421 mx.aol.com Service unavailable – try again later", 421, "",
       "mx.aol.com Service unavailable - try again later"},
      {"554 스팸 발송 계정으로 차단됨", 554, "", "스팸 발송 계정으로 차단됨"},
      {"552 4.3.1 Session size exceeds fixed maximum session size", 552, "4.3.1",
       "Session size exceeds fixed maximum session size"},
      {"550 Requested action not taken: mailbox unavailable", 550, "",
       "Requested action not taken: mailbox unavailable"},
      {"554 5.6.0 IP ADDRESS: Message requires ‘From’ header", 554, "5.6.0",
       "IP ADDRESS: Message requires 'From' header"},
      {"550", 550, "", ""},
      {"554 1048035239.13309.hanmir accept failed. [code=-1]", 554, "",
       "1048035239.13309.hanmir accept failed. [code=-1]"},
  });
}

TEST_CASE("a status without a code, a text without either") {
  check_rows({
      {"5.1.1 User unknown", 0, "5.1.1", "User unknown"},
      {"Sorry, I couldn’t find any host by that name. (#4.1.2)", 0, "4.1.2",
       "Sorry, I couldn't find any host by that name. (#4.1.2)"},
      {"CNAME lookup failed temporarily. (#4.4.3)\nI'm not going to try again; this message has "
       "been in the queue too "
       "long.",
       0, "4.4.3", "CNAME lookup failed temporarily. (#4.4.3)"},
      {"Temporary failure, status 4.4.7, giving up", 0, "4.4.7",
       "Temporary failure, status 4.4.7, giving up"},
      {"connect to 192.0.2.1: Connection refused", 0, "",
       "connect to 192.0.2.1: Connection refused"},
      {"TLS connect failed: error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol", 0,
       "",
       "TLS connect failed: error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol"},
      {"", 0, "", ""},
      {" \r\n ", 0, "", ""},
  });
}

TEST_CASE("lines of one reply are joined") {
  check_rows({
      {"550-5.7.1 a\r\n550 5.7.1 b", 550, "5.7.1", "a b"},
      {"552-5.7.0 This message was blocked because its content presents a potential\n"
       "552-5.7.0 security issue. Please visit\n"
       "552-5.7.0 https://support.google.com/mail/?p=BlockedMessage to review our\n"
       "552 5.7.0 message content and attachment content guidelines. k70si8174539pga.848 – gsmtp",
       552, "5.7.0",
       "This message was blocked because its content presents a potential security issue. Please "
       "visit "
       "https://support.google.com/mail/?p=BlockedMessage to review our message content and "
       "attachment content "
       "guidelines. k70si8174539pga.848 - gsmtp"},
      {"421-4.7.0 This message does not have authentication information or fails to pass 421-4.7.0 "
       "authentication "
       "checks. 421 4.7.0 information.",
       421, "4.7.0",
       "This message does not have authentication information or fails to pass authentication "
       "checks. information."},
      {"> 550-5.7.1 quoted and\n> 550 5.7.1 wrapped", 550, "5.7.1", "quoted and wrapped"},
      {">> 550 5.7.1 quoted twice and wrapped\n>> in the middle", 550, "5.7.1",
       "quoted twice and wrapped in the middle"},
      {"smtp; 550 5.7.1 Our system has detected that this\r\n    message is likely unsolicited "
       "mail.",
       550, "5.7.1", "Our system has detected that this message is likely unsolicited mail."},
      {"554-No SMTP service here\n554-for 17 hosts\n554 Bye", 554, "",
       "No SMTP service here for 17 hosts Bye"},
      {"553-This target address is not our MX service", 553, "",
       "This target address is not our MX service"},
      {"550-5.1.1 a\r550 5.1.1 b", 550, "5.1.1", "a b"},
  });
}

TEST_CASE("wrappers are taken off") {
  check_rows({
      {"smtp;550 5.1.1 x", 550, "5.1.1", "x"},
      {"SMTP; 550 x", 550, "", "x"},
      {"X-Postfix; unknown user: \"bob\"", 0, "", "unknown user: \"bob\""},
      {"(reason: 554 5.7.1 DAS51 203.0.113.7: Your mail is blocked automatically by anti-spam "
       "system. (E06))",
       554, "5.7.1",
       "DAS51 203.0.113.7: Your mail is blocked automatically by anti-spam system. (E06)"},
      {"<<< 550 5.7.1 no", 550, "5.7.1", "no"},
      {"#5.5.0 smtp;550 Rule imposed mailbox access for a@b.example", 550, "5.5.0",
       "Rule imposed mailbox access for a@b.example"},
      {"< #5.1.1 smtp; 550 <a@b.example>: User unknown>", 550, "5.1.1",
       "<a@b.example>: User unknown"},
      {"<mail.example.com #5.1.1 smtp;550 5.1.1 User unknown>", 550, "5.1.1", "User unknown"},
      {"mx.example.com #<mx.example.com #5.7.1 smtp;550 5.7.1 blocked> #SMTP#", 550, "5.7.1",
       "blocked"},
      {"#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##", 550, "5.1.1",
       "RESOLVER.ADR.RecipNotFound; not found"},
      {"Remote Server returned '550 5.4.1 Recipient address rejected: Access denied'", 550, "5.4.1",
       "Recipient address rejected: Access denied"},
      {"The error that the other server returned was:\n550 #5.1.0 Address rejected.", 550, "5.1.0",
       "Address rejected."},
      {"The response from the remote server was:\n\n550 5.1.1 x", 550, "5.1.1", "x"},
      {"test@test.example... Deferred: 451 4.1.8 Domain of sender address a@b.example does not "
       "resolve",
       451, "4.1.8", "Domain of sender address a@b.example does not resolve"},
      {"a@b.example... Deferred: Connection timed out with mx.b.example.", 0, "",
       "Deferred: Connection timed out with mx.b.example."},
      {"5.1.0 - Unknown address error 550-'5.1.1 <a@b.example>... User unknown'", 550, "5.1.1",
       "<a@b.example>... User unknown"},
      {"Error Message: \"421-4.7.0 This message does not pass\"", 421, "4.7.0",
       "This message does not pass"},
      {"Your message was refused (554 5.7.1 spam)", 554, "5.7.1", "spam"},
      {"smtp; 5.1.0 - Unknown address error ('550', ['5.1.1 no such user'])", 550, "5.1.1",
       "no such user"},
  });
}

TEST_CASE("wrappers tell host and command") {
  struct Wrapped {
    std::string input, command, host, ip;
    int code;
  };
  const std::vector<Wrapped> rows{
      {"<a@b.example>: host mx.b.example[192.0.2.1] said: 550 5.1.1 x (in reply to RCPT TO "
       "command)",
       "RCPT TO", "mx.b.example", "192.0.2.1", 550},
      {"host mx.b.example[2001:db8::1] said: 552 5.2.3 x (in reply to end of DATA command)",
       "end of DATA", "mx.b.example", "2001:db8::1", 552},
      {"host mx.b.example[192.0.2.1] refused to talk to me: 421 4.7.1 x", "connect", "mx.b.example",
       "192.0.2.1", 421},
      {"host mx.b.example[xxx.xxx.xxx.xxx] said: 550 5.1.1 RUSR\nxxx.xxx.xxx.xxx: No such user (in "
       "reply to\n RCPT TO "
       "command)",
       "RCPT TO", "mx.b.example", "", 550},
      {"connect to mx.b.example[192.0.2.1]:25: Connection timed out", "connect", "mx.b.example",
       "192.0.2.1", 0},
      {"SMTP error from remote mail server after RCPT TO:<a@b.example>: host mx.b.example "
       "[192.0.2.1]: 550 x",
       "RCPT TO", "mx.b.example", "192.0.2.1", 550},
      {"SMTP error from remote mail server after end of data: host mx.b.example [192.0.2.1]: 550 "
       "5.7.1 x",
       "end of DATA", "mx.b.example", "192.0.2.1", 550},
      {"SMTP error from remote mail server after initial connection: host mx.b.example "
       "[192.0.2.1]: 554 x",
       "connect", "mx.b.example", "192.0.2.1", 554},
      {"SMTP error from remote mail server after pipelined MAIL FROM:<c@d.example> SIZE=1: host mx "
       "[192.0.2.1]: 550 x",
       "MAIL FROM", "", "192.0.2.1", 550},
      {"192.0.2.1 does not like recipient.\nRemote host said: 550 #5.1.0 Address rejected.\nGiving "
       "up on 192.0.2.1.",
       "RCPT TO", "", "192.0.2.1", 550},
      {"Connected to 192.0.2.1 but greeting failed.\nRemote host said: 421 4.3.1 queue is full",
       "connect", "", "192.0.2.1", 421},
      {"Connected to 192.0.2.1 but sender was rejected.\nRemote host said: 553 x", "MAIL FROM", "",
       "192.0.2.1", 553},
      {"#552-5.7.0 192.0.2.1 failed after I sent the message.\nRemote host said: 552-5.7.0 a\n552 "
       "5.7.0 b",
       "end of DATA", "", "192.0.2.1", 552},
      {"192.0.2.1 failed after I sent the message.\nRemote host said: 552-5.7.0 a\n552 5.7.0 b",
       "end of DATA", "", "192.0.2.1", 552},
      {"Remote Server at mx.b.example (192.0.2.1) returned '550 5.7.1 x'", "", "mx.b.example",
       "192.0.2.1", 550},
      {"Google tried to deliver your message, but it was rejected by the server for the recipient "
       "domain b.example by "
       "mx.b.example. [192.0.2.1].\n\nThe error that the other server returned was:\n550 5.1.1 x",
       "", "mx.b.example", "192.0.2.1", 550},
      {"mx.b.example: 550 5.1.1 x", "", "mx.b.example", "", 550},
  };
  for (const auto& row : rows) {
    CAPTURE(row.input);
    const auto parsed = parse_reply(row.input);
    CHECK(parsed.command == row.command);
    CHECK(parsed.remote_host == row.host);
    CHECK((parsed.remote_ip ? parsed.remote_ip->to_string() : "") == row.ip);
    CHECK(parsed.reply.code == row.code);
  }
}

TEST_CASE("hostile replies stay bounded, valid and quick") {
  const auto huge = parse_reply("550 " + std::string(50UL << 20, 'a'));
  CHECK(huge.reply.code == 550);
  CHECK(huge.reply.raw.size() <= bounce::max_reply_bytes);
  const auto invalid = parse_reply("550 " + std::string(10000, '\xff'));
  CHECK(invalid.reply.raw.size() <= bounce::max_reply_bytes);
  CHECK(invalid.reply.text.find('\xff') == std::string::npos);
  CHECK(parse_reply(std::string("550 5.1.1 a\0b", 13)).reply.code == 550);
  CHECK(parse_reply(std::string(8000, '<')).reply.code == 0);
  CHECK(parse_reply("<@>: ((((").reply.code == 0);
}
