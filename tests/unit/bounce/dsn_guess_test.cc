// Fields about a recipient that stand among those about the mail: what they may not replace, change
// or repeat. What they may fill: dsn_owners_test.cc.

#include <string>
#include <string_view>
#include <utility>

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

Bounce bounce_of(const std::string& fields, const std::string& text = "") {
  auto bounce = read_bounce(
      "From: MAILER-DAEMON@o.example\nTo: s@o.example\nMIME-Version: 1.0\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
      "--b\nContent-Type: text/plain\n\n" +
      text + "\n--b\nContent-Type: message/delivery-status\n\n" + fields + "\n--b--\n");
  REQUIRE(bounce);
  return std::move(*bounce);
}

/// "failure: a 550 5.1.1 no (host); ": an address by its first letter, '-' for nobody.
std::string told(const std::string& fields, const std::string& text = "") {
  const auto bounce = bounce_of(fields, text);
  std::string all = std::string(to_string(bounce.kind)) + ":";
  for (const auto& failure : bounce.failures) {
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

TEST_CASE("a reply in front of a later one of several reports is told, though nobody's") {
  const auto first = mail + "\n" + about('a', "5.1.1") + said("550 5.1.1 no a") + "\n";
  const auto a = std::string("failure: a 550 5.1.1 no a ();");
  const auto blocked = std::string("554 5.7.1 DAS41 192.0.2.7: Your mail is blocked");
  CHECK(told(first + mail + said(blocked) + "\n" + about('b', "5.7.1")) ==
        a + " - " + blocked + " (); b 0 5.7.1  ();");
  for (const auto* status : {"5.0.0", "5.2.2", "4.2.2"}) {
    CAPTURE(status);
    CHECK(told(first + mail + host("mx.b.example") + said("452 4.2.2 full") + "\n" +
               about('b', status)) ==
          a + " - 452 4.2.2 full (mx.b.example); b 0 " + status + "  ();");
  }
  // What each of them has in front, if one of them has it behind, too.
  const auto front = [](char who) {
    return mail + said(fmt::format("550 no {}", who)) + "\n" + about(who, "5.1.1") + "\n";
  };
  CHECK(told(front('a') + front('b') + mail + said("550 no c")) ==
        "failure: - 550  no a (); a 0 5.1.1  (); - 550  no b (); b 0 5.1.1  (); - 550  no c ();");
  // In front of two, and of one whom it contradicts.
  const auto c = about('c', "5.1.1");
  CHECK(told(front('a') + mail + said("550 no b") + "\n" + about('b', "5.1.1") + "\n" + c) ==
        "failure: a 550 5.1.1 no a (); - 550  no b (); b 0 5.1.1  (); c 0 5.1.1  ();");
  CHECK(told(front('a') + mail + said("550 5.2.2 full") + "\n" + c) ==
        "failure: a 550 5.1.1 no a (); c 0 5.1.1  (); - 550 5.2.2 full ();");
  // Not what says that it was delivered, or the same again.
  CHECK(told(first + mail + said("250 2.0.0 ok") + "\n" + about('b', "5.7.1")) ==
        a + " b 0 5.7.1  ();");
  CHECK(told(first + mail + said("550 5.1.1 no a") + "\n" + about('b', "5.7.1")) ==
        a + " b 0 5.7.1  ();");
}

TEST_CASE("who gives up writes a Status of class 5 over a reply that only put him off") {
  const auto later = [](std::string_view reply, std::string_view status,
                        std::string_view action = "failed") {
    return told(mail + host("mx.a.example") + said(reply) + "\n" + about('a', status, action));
  };
  CHECK(later("450 4.2.0 greylisted", "5.0.0") ==
        "failure: a 450 4.2.0 greylisted (mx.a.example);");
  CHECK(later("450 greylisted", "5.0.0") == "failure: a 450  greylisted (mx.a.example);");
  CHECK(later("451 4.4.1 timeout", "5.0.0") == "failure: a 451 4.4.1 timeout (mx.a.example);");
  CHECK(later("550 5.1.1 no", "4.0.0") == "failure: a 550 5.1.1 no (mx.a.example);");
  // The time is up: that says nothing of the last try.
  CHECK(later("451 4.4.1 timeout", "5.4.7") == "failure: a 451 4.4.1 timeout (mx.a.example);");
  CHECK(later("450 4.2.0 greylisted", "4.4.7") ==
        "failure: a 450 4.2.0 greylisted (mx.a.example);");
  CHECK(later("450 greylisted", "5.4.7") == "failure: a 450 5.4.7 greylisted (mx.a.example);");
  CHECK(later("554 5.4.7 expired", "5.4.7") == "failure: a 554 5.4.7 expired (mx.a.example);");
  // The same but for its class.
  CHECK(later("452 4.2.2 full", "5.2.2") == "failure: a 452 4.2.2 full (mx.a.example);");
  for (const auto* reply : {"450 4.2.0 greylisted", "451 4.4.1 timeout", "450 greylisted", "250 ok",
                            "550 5.2.2 full"}) {
    CAPTURE(reply);
    CHECK(later(reply, "5.1.1") == "failure: a 0 5.1.1  ();");
  }
  CHECK(later("550 5.1.1 no", "5.4.7") == "failure: a 0 5.4.7  ();");
  CHECK(later("250 ok", "5.0.0") == "failure: a 0 5.0.0  ();");
  CHECK(later("450 4.2.0 greylisted", "2.0.0") == "failure: a 0 2.0.0  ();");
  CHECK(later("550 5.1.1 no", "4.0.0", "delayed") == "delay: a 0 4.0.0  ();");
  // Among the fields about the mail, too.
  CHECK(told(mail + "Status: 4.2.0\n" + said("450 4.2.0 greylisted") + "\n" +
             about('a', "5.0.0")) == "failure: a 450 4.2.0 greylisted ();");
  // Beside several it is told, whatever they have.
  CHECK(told(mail + "\n" + about('a', "5.1.1") + "\n" + about('b', "5.2.2") + "\n" + date +
             said("450 4.2.0 greylisted")) ==
        "failure: a 0 5.1.1  (); b 0 5.2.2  (); - 450 4.2.0 greylisted ();");
}

TEST_CASE("a recipient's address and status are his own, however they are written") {
  const auto named = [](std::string_view own, std::string_view original) {
    return told(mail +
                fmt::format("\nFinal-Recipient: rfc822; {}\nAction: failed\n"
                            "Status: 5.1.1\n\n",
                            own) +
                date + fmt::format("Original-Recipient: {}\n", original) + said("550 5.1.1 no"));
  };
  const std::string his = "failure: a 550 5.1.1 no ();";
  for (const auto* original : {"rfc822; <a@a.example>", "<A@A.EXAMPLE>", "rfc822;a@a.example (a)",
                               "rfc822; a+40a.example", "utf-8; a@a.example"}) {
    CAPTURE(original);
    CHECK(named("a@a.example", original) == his);
  }
  CHECK(named("<a@a.example>", "rfc822; a@a.example") == his);
  CHECK(named("a+1@a.example", "rfc822; a+2B1@a.example") == his);
  CHECK(named("a+2b1@a.example", "rfc822; a+2b1@a.example") == his);
  CHECK(named("\"a b\"@a.example", "rfc822;\"a b\"@a.example").find("550 5.1.1 no") !=
        std::string::npos);
  // Others: "+" is one of an address, too.
  for (const auto* original : {"rfc822; a+1@a.example", "rfc822; a+2@a.example", "rfc822;",
                               "rfc822; <a@b.example>", "rfc822; a@a.example.org"}) {
    CAPTURE(original);
    CHECK(named("a+12@a.example", original).find("a 0 5.1.1  ();") != std::string::npos);
  }
  CHECK(named("\"a b\"@a.example", "rfc822;\"a c\"@a.example").find(" 0 5.1.1  ();") !=
        std::string::npos);
  // "5.0.0" says no more than its class.
  CHECK(told(mail + "Status: 5.0.0\n" + said("550 5.1.1 no") + "\n" + about('a', "5.1.1")) == his);
  CHECK(told(mail + "Status: 5.1.1 (no)\n" + said("550 no") + "\n" + about('a', "5.0.0")) ==
        "failure: a 550 5.1.1 no ();");
  CHECK(told(mail + "Status: 4.0.0\n" + said("550 5.1.1 no") + "\n" + about('a', "5.1.1")) ==
        "failure: a 0 5.1.1  ();");
  CHECK(told(mail + "Status: 2.0.0\n" + said("550 5.1.1 no") + "\n" + about('a', "5.1.1")) ==
        "failure: a 0 5.1.1  ();");
}

TEST_CASE("behind a sole recipient a reply that is not his is told, though nobody's") {
  const auto a = mail + "\n" + about('a', "5.1.1") + said("550 5.1.1 no a");
  CHECK(told(a + "\n" + date + said("550 5.1.1 no b")) ==
        "failure: a 550 5.1.1 no a (); - 550 5.1.1 no b ();");
  CHECK(told(mail + "\n" + about('a', "5.1.1") + "\n" + date + said("452 4.2.2 full")) ==
        "failure: a 0 5.1.1  (); - 452 4.2.2 full ();");
  CHECK(told(a + "\n" + date + said("550 5.1.1 no a") + host("mx.a.example")) ==
        "failure: a 550 5.1.1 no a (mx.a.example);");
  CHECK(told(a + "\n" + date + said("250 ok")) == "failure: a 550 5.1.1 no a ();");
  for (const auto& other : {host("mx.a.example"), host("mx.a.example") + said("")}) {
    CAPTURE(other);
    CHECK(told(a + "\n" + date + other) == "failure: a 550 5.1.1 no a ();");
    CHECK(told(a + host("mx.b.example") + "\n" + date + other) ==
          "failure: a 550 5.1.1 no a (mx.b.example);");
  }
}

TEST_CASE("more of what is nobody's than is told is said to be more") {
  const auto report = [](int count, int different) {
    std::string fields = mail + "\n" + about('a', "5.1.1") + "\n" + about('b', "5.1.1");
    for (int at = 0; at < count; ++at)
      fields += "\n" + date + said(fmt::format("550 no {}", at % different));
    return bounce_of(fields);
  };
  const auto more = report(1100, 1100), last = report(999, 999);
  CHECK(more.failures.size() == 1000);
  CHECK(more.full);
  CHECK(last.failures.size() == 1000);
  CHECK(last.full);
  // Nothing is left out.
  const auto all = report(998, 998), same = report(999, 998);
  CHECK(all.failures.size() == 1000);
  CHECK_FALSE(all.full);
  CHECK_FALSE(same.full);
  // Whether those that are not read any more would say anything else is not known.
  CHECK(report(1100, 10).full);
}
