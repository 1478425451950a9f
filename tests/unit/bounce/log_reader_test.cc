// Each tests/data/logs/NAME.log against NAME.expected: one line a failure, in order.

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "bounce/log/open_mails.h"
#include "bounce/log/reader.h"
#include "support/temporary_directory.h"

using namespace maildiag;
using bounce::LogFailure;
using bounce::LogOptions;

namespace {

const std::string data = std::string(TEST_SOURCE_DIR) + "/tests/data/logs/";

/// Dates of syslog are local.
void use_utc() {
  setenv("TZ", "UTC", 1);  // NOLINT: no other thread
  tzset();
}

struct Collected {
  std::vector<LogFailure> failures;
  std::vector<Error> problems;
};

Collected collect(const std::vector<std::string>& paths, LogOptions options = {}) {
  use_utc();
  if (!options.year) options.year = 2026;
  Collected all;
  bounce::LogReader reader(options);
  for (const auto& path : paths) {
    reader.read(
        path,
        [&](LogFailure failure) {
          all.failures.push_back(std::move(failure));
          return true;
        },
        [&](Error error) { all.problems.push_back(std::move(error)); });
  }
  return all;
}

Collected collect_text(const std::string& text, const LogOptions& options = {}) {
  const test::TemporaryDirectory directory;
  directory.write("mail.log", text);
  return collect({directory.path() + "/mail.log"}, options);
}

/// "31:4F1A2B3C4D postfix failed 2026-11-21T09:30:02Z <a> -> <b> (orig) mx[192.0.2.25] ip=... RCPT
/// TO | 550 5.1.1 | text"
std::string line_of(const LogFailure& found, const std::string& path) {
  const auto& failure = found.failure;
  std::string line = found.name.substr(path.size() + 1);
  line += fmt::format(" {} {} {} <{}> -> <{}>", found.format, to_string(failure.action),
                      failure.time ? to_rfc3339(*failure.time) : "-", failure.sender,
                      failure.recipient);
  if (!failure.original_recipient.empty()) line += " (" + failure.original_recipient + ")";
  line += fmt::format(" {}[{}]", failure.remote_host,
                      failure.remote_ip ? failure.remote_ip->to_string() : "");
  if (failure.sending_ip)
    line += fmt::format(" from={}({})", failure.sending_ip->to_string(), failure.sending_ip_source);
  line += fmt::format(" by={} {} | {} {} | {}", failure.reporting_mta, failure.command,
                      failure.reply.code, failure.reply.status, failure.reply.text);
  return line;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("every mail server's log gives the failures that stand in it") {
  for (const std::string name : {"postfix", "sendmail", "exim-mainlog", "qmail-multilog",
                                 "qmail-syslog", "opensmtpd", "exchange"}) {
    CAPTURE(name);
    const auto path = data + name + ".log";
    const auto all = collect({path});
    for (const auto& problem : all.problems) FAIL_CHECK(problem.message);
    const auto expected = lines_of(data + name + ".expected");
    CHECK(!expected.empty());
    CHECK(all.failures.size() == expected.size());
    for (std::size_t i = 0; i < all.failures.size(); ++i) {
      CAPTURE(i);
      CHECK(line_of(all.failures[i], path) == (i < expected.size() ? expected[i] : ""));
    }
  }
}

TEST_CASE("one syslog may hold several mail servers, in any order") {
  std::string mixed;
  std::vector<std::vector<std::string>> logs;
  std::size_t longest = 0, failures = 0;
  for (const std::string name : {"postfix", "sendmail", "qmail-syslog", "opensmtpd"}) {
    logs.push_back(lines_of(data + name + ".log"));
    longest = std::max(longest, logs.back().size());
    failures += lines_of(data + name + ".expected").size();
  }
  for (std::size_t i = 0; i < longest; ++i) {
    for (const auto& log : logs) {
      if (i < log.size()) mixed += log[i] + "\r\n";
    }
  }
  const auto all = collect_text(mixed);
  CHECK(all.failures.size() == failures);
  CHECK(all.problems.empty());
}

TEST_CASE("queue ids are followed from one rotated file to the next") {
  const test::TemporaryDirectory directory;
  directory.write("mail.log.1",
                  "Nov 20 23:59:59 mx postfix/qmgr[1]: 4AAAAA0001: from=<alice@sender.example>, "
                  "size=1, nrcpt=1 (queue active)\n");
  directory.write("mail.log",
                  "Nov 21 00:00:01 mx postfix/smtp[2]: 4AAAAA0001: to=<bob@receiver.example>, "
                  "relay=none, delay=1, delays=1/0/0/0, dsn=5.4.4, status=bounced (Host not "
                  "found)\n");
  const auto all = collect({directory.path() + "/mail.log.1", directory.path() + "/mail.log"});
  REQUIRE(all.failures.size() == 1);
  CHECK(all.failures[0].failure.sender == "alice@sender.example");
  CHECK(all.failures[0].name == directory.path() + "/mail.log:1:4AAAAA0001");
}

TEST_CASE("a failure whose beginning is forgotten is told without a sender") {
  std::string text;
  const auto from = [](int id) {
    return fmt::format(
        "Nov 21 00:00:01 mx postfix/qmgr[1]: 4{:09X}: from=<s{}@sender.example>, size=1, nrcpt=1 "
        "(queue active)\n",
        id, id);
  };
  const auto to = [](int id) {
    return fmt::format(
        "Nov 21 00:00:02 mx postfix/smtp[2]: 4{:09X}: to=<r@receiver.example>, relay=none, "
        "delay=1, "
        "delays=1/0/0/0, dsn=5.4.4, status=bounced (Host not found)\n",
        id);
  };
  for (int id = 0; id < 40000; ++id) text += from(id);
  const auto all = collect_text(text + to(1) + to(39999));
  REQUIRE(all.failures.size() == 2);
  CHECK(all.failures[0].failure.sender.empty());
  CHECK(all.failures[0].failure.recipient == "r@receiver.example");
  CHECK(all.failures[1].failure.sender == "s39999@sender.example");
}

TEST_CASE("the same queue id on two hosts is two mails") {
  const auto all = collect_text(
      "Nov 21 00:00:01 mx1 postfix/qmgr[1]: 4AAAAA0001: from=<one@sender.example>, size=1, nrcpt=1 "
      "(queue active)\n"
      "Nov 21 00:00:01 mx2 postfix/qmgr[1]: 4AAAAA0001: from=<two@sender.example>, size=1, nrcpt=1 "
      "(queue active)\n"
      "Nov 21 00:00:02 mx1 postfix/smtp[2]: 4AAAAA0001: to=<r@receiver.example>, relay=none, "
      "delay=1, delays=1/0/0/0, dsn=5.4.4, status=bounced (Host not found)\n");
  REQUIRE(all.failures.size() == 1);
  CHECK(all.failures[0].failure.sender == "one@sender.example");
}

TEST_CASE("since and until take the failures between them; earlier lines still name the sender") {
  LogOptions options;
  options.since = from_rfc3339("2026-11-21T09:33:00Z");
  options.until = from_rfc3339("2026-11-21T09:33:04Z");
  const auto all = collect({data + "postfix.log"}, options);
  REQUIRE(all.failures.size() == 4);
  CHECK(all.failures.front().failure.recipient == "erin@sender.example");
  CHECK(all.failures.back().failure.recipient == "gina@nodomain.example");
  options = {};
  options.since = from_rfc3339("2026-11-21T09:30:02Z");
  options.until = from_rfc3339("2026-11-21T09:30:03Z");
  const auto early = collect({data + "postfix.log"}, options);
  REQUIRE(early.failures.size() == 2);
  CHECK(early.failures[0].failure.sender == "alice@sender.example");
}

TEST_CASE("the sink may stop") {
  use_utc();
  int count = 0;
  bounce::LogReader reader(LogOptions{});
  const bool more = reader.read(
      data + "postfix.log", [&](const LogFailure&) { return ++count < 3; },
      [](const Error& error) { FAIL_CHECK(error.message); });
  CHECK_FALSE(more);
  CHECK(count == 3);
}

TEST_CASE("hostile lines: NULs, no end, megabytes, rubbish") {
  const std::string good =
      "Nov 21 00:00:02 mx postfix/smtp[2]: 4AAAAA0001: to=<r@receiver.example>, relay=none, "
      "delay=1, delays=1/0/0/0, dsn=5.4.4, status=bounced (Host not found)";
  for (const auto& [text, failures] : std::vector<std::pair<std::string, std::size_t>>{
           {std::string(5000, '\0') + good + "\n", 1},
           {good, 1},
           {std::string(10'000'000, 'x') + "\n" + good + "\n", 1},
           {good + std::string(10'000'000, 'x') + "\n" + good + "\n", 2},
           {good.substr(0, 120) + "\n" + good + "\r\n", 1},
           {good.substr(0, good.size() - 5) + "\n", 1},
           {"Nov 21 00:00:02 mx postfix/smtp[2]: 4AAAAA0001: to=<\n" + good + "\n", 1},
           {"Nov 21 00:00:02 mx postfix/smtp[2]: " + good + "\n" + good, 1},
       }) {
    const auto start = text.substr(0, 100);
    CAPTURE(start);
    const auto all = collect_text(text);
    CHECK(all.failures.size() == failures);
    for (const auto& found : all.failures) CHECK(found.failure.recipient == "r@receiver.example");
  }
  // Every line cut at every place: nothing is read beyond its end (AddressSanitizer watches).
  std::string cut;
  for (const std::string name :
       {"postfix", "sendmail", "exim-mainlog", "qmail-multilog", "qmail-syslog", "opensmtpd"}) {
    for (const auto& line : lines_of(data + name + ".log")) {
      for (std::size_t length = 0; length < line.size(); length += 7)
        cut += line.substr(0, length) + "\n";
    }
  }
  CHECK(collect_text(cut).problems.empty());
  std::string header, rows;
  for (const auto& line : lines_of(data + "exchange.log")) {
    if (line.starts_with("#Fields")) header = line + "\n";
    for (std::size_t length = 0; length < line.size(); length += 7)
      rows += line.substr(0, length) + "\n";
  }
  CHECK(collect_text(header + rows).problems.empty());
}

TEST_CASE("a status that a row of Exchange tells of many recipients is cut to what all may take") {
  const std::string header = "#Fields: date-time,event-id,recipient-address,recipient-status\n";
  const auto reply_of = [&](std::size_t recipients, const std::string& status) {
    std::string row = "2026-11-21T04:00:03.300Z,FAIL,a@b.example";
    for (std::size_t i = 1; i < recipients; ++i) row += ";a@b.example";
    const auto all = collect_text(header + row + "," + status + "\n");
    REQUIRE(all.failures.size() == recipients);
    CHECK(all.failures.back().failure.reply.code == 550);
    return all.failures.back().failure;
  };
  const auto text = "550 5.7.1 " + std::string(8000, 'x');
  CHECK(reply_of(1, text).reply.raw.size() == text.size());
  CHECK(reply_of(100, text).reply.raw.size() == text.size());
  CHECK(reply_of(5000, text).reply.raw.size() == 512);
  const auto led = "[{LED=" + text + "};{MSG=};{FQDN=mx.c.example};{IP=192.0.2.1};{LRT=}]";
  CHECK(reply_of(5000, led).reply.raw.size() == 512);
  CHECK(reply_of(5000, led).remote_host == "mx.c.example");
}

TEST_CASE("a mail that expires is told for all its recipients, once") {
  const auto deferred = [](const std::string& id, int recipient) {
    return fmt::format(
        "Nov 21 00:00:02 mx postfix/smtp[2]: {}: to=<u{}@down.example>, relay=none, delay=1, "
        "delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to mx.down.example[192.0.2.9]:25: "
        "Connection timed out)\n",
        id, recipient);
  };
  const auto expired = [](const std::string& id) {
    return "Nov 21 00:00:03 mx postfix/qmgr[1]: " + id +
           ": from=<s@own.example>, status=expired, returned to sender\n";
  };
  std::string text;
  for (int i = 0; i < 300; ++i) text += deferred("4AAAAA0001", i);
  const auto all = collect_text(text + expired("4AAAAA0001"));
  REQUIRE(all.failures.size() == 600);
  CHECK(all.failures[300].failure.recipient == "u0@down.example");
  CHECK(all.failures[599].failure.recipient == "u299@down.example");
  CHECK(all.failures[599].failure.action == bounce::Action::failed);
  CHECK(all.failures[599].failure.sender == "s@own.example");
  CHECK(all.problems.empty());

  // The bounds: of one mail 1,000, of all 32,768, where the largest give way and the small do not.
  text.clear();
  for (int mail = 0; mail < 9; ++mail) {
    for (int i = 0; i <= mail; ++i) text += deferred(fmt::format("4BBBBB{:04}", mail), i);
  }
  for (int mail = 0; mail < 34; ++mail) {
    for (int i = 0; i < 1001; ++i) text += deferred(fmt::format("4AAAAA{:04}", mail), i);
  }
  LogOptions late;
  late.since = from_rfc3339("2026-11-21T00:00:03Z");
  late.year = 2026;
  for (int mail = 0; mail < 9; ++mail) text += expired(fmt::format("4BBBBB{:04}", mail));
  text += expired("4AAAAA0000") + expired("4AAAAA0033") + expired("4AAAAA0033");
  const auto last = collect_text(text, late);
  const auto told = [&](const std::string& id) {
    return std::count_if(last.failures.begin(), last.failures.end(), [&](const LogFailure& found) {
      return found.queue_id == id && !found.failure.recipient.empty();
    });
  };
  for (int mail = 0; mail < 9; ++mail) CHECK(told(fmt::format("4BBBBB{:04}", mail)) == mail + 1);
  CHECK(told("4AAAAA0000") > 800);
  CHECK(told("4AAAAA0000") < 1000);
  CHECK(told("4AAAAA0033") >= told("4AAAAA0000"));
  CHECK(last.failures.back().failure.recipient.empty());  // the second time only that it expired
  // That some are missing is said, of the mails that are asked for.
  REQUIRE(last.problems.size() == 1);
  CHECK(last.problems[0].message.ends_with(
      "mail.log: of 2 expired mails with many recipients some may not be told"));
  late.since = from_rfc3339("2026-11-21T00:00:04Z");
  CHECK(collect_text(text, late).problems.empty());
}

TEST_CASE("recipients of very many mails are remembered in no time, each mail's eight") {
  bounce::log::OpenMails open;
  const auto key = [](int mail) { return fmt::format("mx\n4AAAAA{:04}", mail); };
  for (int recipient = 0; recipient < 40; ++recipient) {
    for (int mail = 0; mail < 4096; ++mail)
      open.note_deferral(key(mail), {fmt::format("u{}@down.example", recipient), "", "", ""});
  }
  for (int mail = 0; mail < 4096; ++mail) {
    const auto* known = open.deferrals(key(mail));
    REQUIRE(known != nullptr);
    CHECK(known->size() == 8);
    CHECK(known->front().recipient == "u0@down.example");
  }
  // A retried one's reply is renewed, and what was closed leaves room for all of a large one.
  open.note_deferral(key(0), {"u7@down.example", "", "", "new"});
  CHECK(open.deferrals(key(0))->back().text == "new");
  for (int mail = 1; mail < 2048; ++mail) open.close(key(mail));
  for (int recipient = 0; recipient < 1001; ++recipient)
    open.note_deferral(key(0), {fmt::format("u{}@down.example", recipient), "", "", ""});
  CHECK(open.deferrals(key(0))->size() == 1000);
}

TEST_CASE("what was free after the largest mails gave way is anybody's") {
  bounce::log::OpenMails open;
  const auto add = [&](const std::string& key, int recipients) {
    for (int recipient = 0; recipient < recipients; ++recipient)
      open.note_deferral(key, {fmt::format("u{}@down.example", recipient), "", "", ""});
  };
  for (int mail = 0; mail < 410; ++mail) add(fmt::format("mx\n{}", mail), 100);
  for (int mail = 0; mail < 60; ++mail) open.close(fmt::format("mx\n{}", mail));
  add("mx\nlarge", 500);
  CHECK(open.deferrals("mx\nlarge")->size() == 500);
  // Small ones keep theirs, however many large ones come.
  add("mx\nsmall", 30);
  for (int mail = 0; mail < 100; ++mail) add(fmt::format("mx\nlarge{}", mail), 1000);
  CHECK(open.deferrals("mx\nsmall")->size() == 30);
  CHECK(open.deferrals("mx\nlarge0")->size() > 30);
}

TEST_CASE("sendmail tells in four ways that a mail has expired") {
  const std::string deferred =
      "Nov 21 10:00:00 mx sm-mta[1]: 0AL100aB003000: to=<user@receiver.example>, delay=5+00:00:00, "
      "relay=mx.receiver.example. [192.0.2.1], dsn=4.0.0, stat=Deferred: Connection timed out\n";
  const auto failed = [&](const std::string& words) {
    const auto all = collect_text(
        deferred + "Nov 21 10:00:01 mx sm-mta[1]: 0AL100aB003000: 0AL100aC003002: " + words + "\n");
    REQUIRE(!all.failures.empty());
    CHECK(all.failures[0].failure.action == bounce::Action::delayed);
    if (all.failures.size() != 2) return false;
    CHECK(all.failures[1].failure.action == bounce::Action::failed);
    CHECK(all.failures[1].failure.recipient == "user@receiver.example");
    return true;
  };
  for (const std::string words :
       {"return to sender", "sender notify", "postmaster notify", "DSN"}) {
    CAPTURE(words);
    CHECK(failed(words + ": Cannot send message for 5 days"));
    CHECK(failed(words + ": delivery time expired 432000s"));
    CHECK_FALSE(failed(words + ": User unknown"));
  }
  CHECK_FALSE(failed("sender notify: Warning: could not send message for past 4 hours"));
  CHECK_FALSE(failed("DSN"));
}

TEST_CASE("what is no log is said to be none") {
  const auto mail = collect_text("From: a@b.example\nSubject: hello\n\nNov is cold.\n");
  CHECK(mail.failures.empty());
  REQUIRE(mail.problems.size() == 1);
  CHECK(mail.problems[0].code == ErrorCode::bad_data);
  CHECK(collect_text("").problems.empty());
  // Only other programs wrote, and Exim had nothing to do: that is how it is laid out.
  CHECK(collect_text("Nov 21 00:00:02 mx cron[1]: (root) CMD (true)\n").problems.empty());
  CHECK(collect_text("2026-11-21 11:00:00 Start queue run: pid=4000\n").problems.empty());
  // A time in front of what is laid out in another way.
  for (const std::string line :
       {"Nov 21 09:30:01 {mail} mx postfix/smtp[1]: 4AAAAA0001: to=<r@receiver.example>",
        "2026-11-21T00:30:01Z level=info msg=\"postfix/smtp[1]: 4AAAAA0001: to=<r@b.example>\"",
        "2026-11-21 00:30:01 mx postfix: 4AAAAA0001: to=<r@receiver.example>"}) {
    CAPTURE(line);
    const auto all = collect_text(line + "\n");
    CHECK(all.failures.empty());
    REQUIRE(all.problems.size() == 1);
    CHECK(all.problems[0].code == ErrorCode::bad_data);
  }
  const auto missing = collect({"/nonexistent/mail.log"});
  REQUIRE(missing.problems.size() == 1);
  CHECK(missing.problems[0].code == ErrorCode::no_input);
  REQUIRE(collect({data}).problems.size() == 1);
}
