// Fields about a recipient that stand among those about the mail: what they may not replace, change
// or repeat. What they may fill: dsn_owners_test.cc.

#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag::bounce;

namespace {

const std::string mail = "Reporting-MTA: dns; o.example\n";
const std::string date = "Arrival-Date: Sat, 21 Nov 2026 00:00:00 +0000\n";

std::string about(char who, std::string_view status, std::string_view action = "failed") {
  return fmt::format("Final-Recipient: rfc822; {0}@{0}.example\nAction: {2}\nStatus: {1}\n", who,
                     status, action);
}
std::string said(std::string_view reply) {
  return fmt::format("Diagnostic-Code: smtp; {}\n", reply);
}
std::string host(std::string_view name) {
  return fmt::format("Remote-MTA: dns; {}\n", name);
}
/// Postfix's words for people.
std::string words(std::string_view recipient, std::string_view reply) {
  return fmt::format(
      "This is the mail system at host o.example.\n\nI'm sorry to have to inform you that your "
      "message could not\nbe delivered to one or more recipients. It's attached below.\n\n"
      "                   The mail system\n\n<{}>: host mx.good.example[192.0.2.5] said: {} (in "
      "reply to RCPT TO command)\n",
      recipient, reply);
}

/// "failure: a 550 5.1.1 no (host); ": an address by its first letter, '-' for nobody.
std::string told(const std::string& fields, const std::string& text = "") {
  const auto bounce = read_bounce(
      "From: MAILER-DAEMON@o.example\nTo: s@o.example\nMIME-Version: 1.0\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
      "--b\nContent-Type: text/plain\n\n" +
      text + "\n--b\nContent-Type: message/delivery-status\n\n" + fields + "\n--b--\n");
  REQUIRE(bounce);
  std::string all = std::string(to_string(bounce->kind)) + ":";
  for (const auto& failure : bounce->failures) {
    const auto& reply = failure.reply;
    all += fmt::format(" {} {} {} {} ({}{});",
                       failure.recipient.empty() ? "-" : failure.recipient.substr(0, 1), reply.code,
                       reply.status, reply.text, failure.remote_host,
                       failure.remote_ip ? " " + failure.remote_ip->to_string() : "");
  }
  return all;
}

}  // namespace

TEST_CASE("a host or reply among the fields about the mail replaces none that is told elsewhere") {
  const auto relay = host("relay.other.example");
  const auto own = about('a', "5.7.1") + said("550 5.7.1 no");
  const auto text = words("a@a.example", "550 5.7.1 no");
  for (const auto& fields : {mail + relay + "\n" + own, mail + "\n" + own + "\n" + date + relay}) {
    CAPTURE(fields);
    CHECK(told(fields, text) == "failure: a 550 5.7.1 no (mx.good.example 192.0.2.5);");
    // Nor is it said whether that host gave the reply.
    CHECK(told(fields) == "failure: a 550 5.7.1 no ();");
  }
  CHECK(told(mail + relay + "\n" + about('a', "5.7.1") +
             said("host mx.good.example[192.0.2.5] said: 550 no")) ==
        "failure: a 550 5.7.1 no (mx.good.example 192.0.2.5);");
  for (const auto* reply : {"250 2.0.0 queued", "451 4.7.1 greylisted", "550 5.7.1 other"}) {
    CAPTURE(reply);
    CHECK(told(mail + said(reply) + "\n" + about('a', "5.7.1"), text) ==
          "failure: a 550 5.7.1 no (mx.good.example 192.0.2.5);");
  }
  // Both from one paragraph, where nothing else tells them.
  CHECK(told(mail + relay + said("550 5.7.1 no") + "\n" + about('a', "5.7.1")) ==
        "failure: a 550 5.7.1 no (relay.other.example);");
  CHECK(told(mail + "\n" + about('a', "5.7.1") + "\n" + date + relay + "\n" + mail +
             said("550 x")) == "failure: a 0 5.7.1  (); - 550  x ();");
}

TEST_CASE("what contradicts a sole recipient's fields, or names another one, is not his") {
  const auto a = about('a', "5.1.1");
  const std::string full = "Status: 5.2.2\n" + said("550 no b");
  for (const auto* reply : {"250 2.0.0 queued", "451 4.7.1 greylisted", "550 5.2.2 full"}) {
    CAPTURE(reply);
    CHECK(told(mail + said(reply) + "\n" + a) == "failure: a 0 5.1.1  ();");
  }
  CHECK(told(mail + "Action: failed\n" + full + "\n" + a) == "failure: a 0 5.1.1  ();");
  CHECK(told(mail + full + "\n" + a) == "failure: a 0 5.1.1  ();");
  CHECK(told(mail + "\n" + a + "\n" + date + full) ==
        "failure: a 0 5.1.1  (); - 550 5.2.2 no b ();");
  for (const auto* name : {"Original-Recipient", "X-Actual-Recipient"}) {
    CAPTURE(name);
    const auto b = fmt::format("{}: rfc822; b@b.example\n", name);
    CHECK(told(mail + "\n" + a + "\n" + date + b + full) ==
          "failure: a 0 5.1.1  (); b 550 5.2.2 no b ();");
    CHECK(told(mail + b + said("550 no b") + "\n" + a) == "failure: a 0 5.1.1  ();");
    // Then nothing of the report about the mail is surely his.
    CHECK(told(mail + host("mx.b.example") + "\n" + a + "\n" + date + b + said("550 no b")) ==
          "failure: a 0 5.1.1  (); b 550  no b ();");
  }
  const auto own = std::string("Original-Recipient: rfc822;a@A.example\n") + said("550 no");
  CHECK(told(mail + "\n" + a + "\n" + date + own) == "failure: a 550 5.1.1 no ();");
  // A status that says no more than its class contradicts none.
  CHECK(told(mail + said("550 5.2.2 full") + "\n" + about('a', "5.0.0")) ==
        "failure: a 550 5.2.2 full ();");
}

TEST_CASE("what is nobody's changes no kind, and repeats nothing that is told") {
  const auto behind = [](std::string_view status, std::string_view action, std::string_view reply) {
    return told(mail + "\n" + about('a', status, action) + "\n" + about('b', status, action) +
                "\n" + date + said(reply));
  };
  CHECK(behind("2.0.0", "delivered", "250 ok").starts_with("delivered:"));
  CHECK(behind("2.0.0", "delivered", "550 no").starts_with("delivered:"));
  CHECK(behind("4.2.0", "delayed", "550 no") == "delay: a 0 4.2.0  (); b 0 4.2.0  ();");
  CHECK(behind("4.2.0", "delayed", "450 later") ==
        "delay: a 0 4.2.0  (); b 0 4.2.0  (); - 450  later ();");
  CHECK(behind("5.2.0", "failed", "250 ok") == "failure: a 0 5.2.0  (); b 0 5.2.0  ();");
  // One between the recipients, where it may be either's.
  CHECK(told(mail + "\n" + about('a', "2.0.0", "delivered") + "\n" + said("250 ok") + "\n" +
             about('b', "2.0.0", "delivered"))
            .starts_with("delivered:"));
  const auto a = about('a', "5.1.1") + said("550 no a") + "\n";
  CHECK(told(mail + "\n" + a + about('b', "5.2.2") + said("550 no b") + "\n" + mail + date +
             said("550 no b")) == "failure: a 550 5.1.1 no a (); b 550 5.2.2 no b ();");
  CHECK(told(mail + "\n" + a + date + "Action: failed\n" + said("550 no a")) ==
        "failure: a 550 5.1.1 no a ();");
  // Nor of the words: also where these name an alias of the sole recipient.
  CHECK(told(mail + "\n" + about('a', "5.1.1") + "\n" + date + "Action: failed\n" +
                 said("550 5.1.1 no"),
             words("z@a.example", "550 5.1.1 no")) ==
        "failure: a 550 5.1.1 no (mx.good.example 192.0.2.5);");
  // Each paragraph by itself.
  CHECK(told(mail + "\n" + about('a', "5.1.1") + "\n" + about('b', "5.2.2") + "\n" + date +
             host("c.example") + "\n" + mail + said("550 no d")) ==
        "failure: a 0 5.1.1  (); b 0 5.2.2  (); - 550  no d ();");
}

TEST_CASE("what is nobody's takes no place of a recipient, however much of it there is") {
  std::string fields = mail + "\n" + about('a', "5.1.1");
  for (int at = 0; at < 1500; ++at) fields += "\n" + date + said(fmt::format("550 no {}", at));
  for (int at = 0; at < 900; ++at) fields += "\n" + about('b', "5.2.2");
  const auto all = told(fields);
  const auto count = [&](std::string_view word) {
    int found = 0;
    for (auto at = all.find(word); at != std::string::npos; at = all.find(word, at + 1)) ++found;
    return found;
  };
  CHECK(count(" b 0") == 900);
  CHECK(count(" - 550") == 99);
}

TEST_CASE("each of several reports in one has owners of its own, if all stand in front of names") {
  const auto one = [](char who) {
    return mail + said(fmt::format("550 no {}", who)) + "\n" + about(who, "5.1.1") + "\n";
  };
  CHECK(told(one('a') + one('b')) == "failure: a 550 5.1.1 no a (); b 550 5.1.1 no b ();");
  // Behind the first name it is the first one's, or nobody's.
  const auto late = [](char who) {
    return about(who, "5.1.1") + "\n" + mail + said(fmt::format("550 no {}", who)) + "\n";
  };
  const auto all = told(mail + "\n" + late('a') + late('b') + late('c'));
  CHECK(all.starts_with("failure: a 0 5.1.1  ();"));
  CHECK(all.find("b 0 5.1.1  ();") != std::string::npos);
  CHECK(all.find("c 0 5.1.1  ();") != std::string::npos);
}
