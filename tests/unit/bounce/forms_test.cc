// Forms of bounces that senders and their clients get slightly wrong.

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

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

TEST_CASE("an empty line ends the fields about a recipient") {
  const std::string first =
      "Reporting-MTA: dns; out.sender.example\n\n"
      "Final-Recipient: rfc822; a@one.example\nAction: failed\nStatus: 5.1.1\n";
  const std::string second =
      "Final-Recipient: rfc822; b@two.example\nAction: failed\nStatus: 5.2.2\n";
  const auto status =
      read_delivery_status(first + "\nRemote-MTA: dns; mx.two.example\n" + second).recipients;
  REQUIRE(status.size() == 2);
  CHECK(status[0].remote_host.empty());
  CHECK(status[1].remote_host == "mx.two.example");
  CHECK(status[1].reply.status == "5.2.2");
  // What is behind it without another recipient is still the first one's: some leave lines empty.
  const auto only = read_delivery_status(first + "\nRemote-MTA: dns; mx.one.example\n").recipients;
  REQUIRE(only.size() == 1);
  CHECK(only[0].remote_host == "mx.one.example");
  const auto inside =
      read_delivery_status(
          first + "\nDiagnostic-Code: smtp; 550 no\nRemote-MTA: dns; mx.one.example\n" + second)
          .recipients;
  REQUIRE(inside.size() == 2);
  CHECK(inside[0].remote_host == "mx.one.example");
}

TEST_CASE("each recipient keeps his own remote host, wherever it stands") {
  const auto who = [](char name) {
    return fmt::format("Final-Recipient: rfc822; {0}@{0}.example\nAction: failed\nStatus: 5.1.1\n",
                       name);
  };
  const auto remote = [](char name) {
    return fmt::format("Remote-MTA: dns; mx.{}.example\n", name);
  };
  const auto hosts = [](const std::string& text) {
    std::string all;
    for (const auto& failure :
         read_delivery_status("Reporting-MTA: dns; out.sender.example\n" + text).recipients) {
      all += failure.recipient.front();
      all += failure.remote_host.empty() ? '-' : failure.remote_host.at(3);
      all += ' ';
    }
    return all;
  };
  std::string front, glued_front, behind, apart, glued_apart, date_first;
  for (const char name : {'a', 'b', 'c', 'd'}) {
    front += "\n" + remote(name) + who(name);
    date_first +=
        "\nLast-Attempt-Date: Sat, 21 Nov 2026 00:00:00 +0000\n" + remote(name) + who(name);
    glued_front += remote(name) + who(name);
    behind += "\n" + who(name) + remote(name);
    apart += "\n" + who(name) + "\n" + remote(name);
    glued_apart += who(name) + "\n" + remote(name);
  }
  for (const auto& text : {front, date_first, glued_front, behind, apart, glued_apart}) {
    CAPTURE(text);
    CHECK(hosts(text) == "aa bb cc dd ");
    CHECK(hosts("\n" + text) == "aa bb cc dd ");
  }
  // A report that was cut off, one whose first recipient has none, one whose second has his own.
  CHECK(hosts(front + "\n" + remote('e')) == "aa bb cc dd ");
  CHECK(hosts("\n" + who('a') + "\n" + remote('b') + who('b') + "\n" + remote('c') + who('c')) ==
        "a- bb cc ");
  CHECK(hosts("\n" + who('a') + "\n" + remote('a') + who('b') + remote('b')) == "aa bb ");
  CHECK(hosts("\n" + who('a') + remote('a') + "\n" + remote('b') + who('b')) == "aa bb ");
  CHECK(hosts("\n" + who('a') + who('b') + remote('b')) == "a- bb ");
  CHECK(hosts(remote('x')).empty());
}

namespace {

/// "a+ b- ": who has which host, by the first letters of both.
std::string hosts_of(const std::string& text) {
  std::string all;
  for (const auto& failure :
       read_delivery_status("Reporting-MTA: dns; o.example\n" + text).recipients) {
    const auto& host = failure.remote_host;
    all += failure.recipient.front();
    all += host.empty() ? '-' : host.front() == failure.recipient.front() ? '+' : '!';
    all += ' ';
  }
  return all;
}

std::string about(char name) {
  return fmt::format("Final-Recipient: rfc822; {0}@{0}.example\nAction: failed\n", name);
}

/// Of the recipient's domain, or of one that tells nothing.
std::string host_of(char name, bool own) {
  return fmt::format("Remote-MTA: dns; {}.{}.example\n", name, own ? std::string(1, name) : "mx");
}

}  // namespace

TEST_CASE("no recipient of a DSN gets another one's remote host, wherever the report is cut off") {
  const auto check = [](const std::string& text) {
    CAPTURE(text);
    CHECK(hosts_of("\n" + text).find('!') == std::string::npos);
  };
  // Each number of recipients, and each choice of those who have a host.
  for (unsigned choice = 2; choice < 128; ++choice) {
    const bool own = choice >= 64;
    std::string front, behind, apart, glued;
    bool all = true;
    char name = 'a' - 1;
    for (auto rest = own ? choice - 62 : choice; rest > 1; rest /= 2) {
      ++name;
      all = all && rest % 2 == 1;
      const auto host = rest % 2 == 1 ? host_of(name, own) : "";
      front += "\n" + host + about(name);
      behind += "\n" + about(name) + host;
      apart += "\n" + about(name) + "\n" + host;
      glued += about(name) + "\n" + host;
    }
    for (const auto* each : {&front, &behind, &apart}) {
      const auto& text = *each;
      bool before = !text.starts_with("\nFinal");  // the last recipient has a host
      for (std::size_t end = 0; end != std::string::npos; end = text.find('\n', end + 1)) {
        const auto line = end == 0 ? 0 : text.rfind('\n', end - 1) + 1;
        const bool host = text.substr(line, end - line).starts_with("Remote-MTA");
        // Behind an empty line one that nothing follows is the last recipient's.
        if (&text != &front || !host || before) check(text.substr(0, end));
        if (host) before = true;
        if (text.substr(end).starts_with("\n\nFinal")) before = false;
      }
      check(text);
    }
    // Without a host of each recipient it looks like one with all of them in front.
    if (all) check(glued);
  }
}

TEST_CASE("a series of remote hosts that may be read in two ways is nobody's") {
  for (const bool own : {false, true}) {
    CAPTURE(own);
    const auto h = [own](char name) { return host_of(name, own); };
    // The first has none, and the sender has cut the report off; or all have theirs behind a line.
    CHECK(hosts_of("\n" + about('a') + "\n" + h('b') + about('b') + "\n" + h('c') + about('c') +
                   "\n" + h('d')) == (own ? "a- b+ c+ " : "a- b- c- "));
    CHECK(hosts_of("\n" + about('a') + "\n" + h('a') + about('b') + "\n" + h('b')) ==
          (own ? "a+ b+ " : "a- b- "));
    // One who has his own behind his name shows how the others have theirs, and who has it in front
    // of the first.
    CHECK(hosts_of("\n" + h('a') + about('a') + "\n" + h('b') + about('b') + "\n" + h('c')) ==
          "a+ b+ ");
    CHECK(hosts_of("\n" + about('a') + h('a') + "\n" + h('b') + about('b') + "\n" + h('c')) ==
          "a+ b+ ");
    // Only fields about recipients tell it, and each for itself.
    CHECK(hosts_of("\n" + about('a') + "X-Note: 1\n\nX-Note: 2\n" + h('b') + about('b') +
                   "X-Note: 3\n") == "a- b+ ");
    const std::string date = "Last-Attempt-Date: Sat, 21 Nov 2026 00:00:00 +0000\n";
    CHECK(hosts_of("\n" + about('a') + "\n" + date + h('b') + about('b') + date) == "a- b+ ");
    // Our own bound is no end.
    for (const int count : {998, 999, 1000, 1001, 1002, 1003, 2000}) {
      CAPTURE(count);
      std::string all = "\n" + about('a'), wanted = "a- ";
      for (int at = 1; at < count; ++at) {
        const auto name = static_cast<char>('a' + at % 26);
        all += "\n" + h(name) + about(name);
        if (at < 1000) wanted += fmt::format("{}+ ", name);
      }
      CHECK(hosts_of(all) == wanted);
      CHECK(hosts_of(all + "\nX-Note: 1\n") == wanted);
      CHECK(hosts_of(all + "\n" + h('z')).find('!') == std::string::npos);
    }
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
