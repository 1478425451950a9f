// Whom each field of a delivery report is about.

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "bounce/dsn.h"

using namespace maildiag::bounce;

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
  // The next one's, though he has a Status of his own behind his name.
  const auto reply = read_delivery_status(first + "\nDiagnostic-Code: smtp; 550 no\n" + second);
  REQUIRE(reply.recipients.size() == 2);
  CHECK(reply.recipients[0].reply.text.empty());
  CHECK(reply.recipients[1].reply.text == "no");
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
  CHECK(hosts("\n" + who('a') + "\n" + remote('a') + who('b') + remote('b')) == "a- bb ");
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

namespace {

/// All that is told of each recipient.
std::string told(const std::string& text) {
  std::string all;
  for (const auto& failure : read_delivery_status(text).recipients) {
    all +=
        fmt::format("{}/{}/{}/{}/{}/{}\n", failure.recipient, failure.original_recipient,
                    failure.reply.status, failure.reply.text, failure.remote_host,
                    failure.time ? std::to_string(failure.time->time_since_epoch().count()) : "");
  }
  return all;
}

/// F(inal recipient), O(riginal), A(ction), S(tatus), R(emote MTA), D(iagnostic), L(ast attempt),
/// X.
std::string field_of(char letter, char name) {
  const int number = name - 'a' + 1;
  switch (letter) {
    case 'F':
      return fmt::format("Final-Recipient: rfc822; {0}@{0}.example\n", name);
    case 'O':
      return fmt::format("Original-Recipient: rfc822;o{0}@{0}.example\n", name);
    case 'A':
      return "Action: failed\n";
    case 'S':
      return fmt::format("Status: 5.1.{}\n", number);
    case 'R':
      return fmt::format("Remote-MTA: dns; {}.mx.example\n", name);
    case 'D':
      return fmt::format("Diagnostic-Code: smtp; 550 no {}\n", name);
    case 'L':
      return fmt::format("Last-Attempt-Date: Sat, 21 Nov 2026 00:00:0{} +0000\n", number);
    default:
      return fmt::format("X-Note-{}: 1\n", name);
  }
}

std::string group_of(const std::string& letters, char name, const char* between = "") {
  std::string all;
  for (const char letter : letters) all += field_of(letter, name) + between;
  return all;
}

const std::string about_mail = "Reporting-MTA: dns; o.example\nArrival-Date: x\n\n";

}  // namespace

TEST_CASE("in a report as RFC 3464 has it each paragraph is a recipient's, whatever its order") {
  // Each order of five fields, and each choice of those that the first and the second one have.
  std::string order = "ADFRS";
  std::size_t wrong = 0;
  do {
    for (unsigned first = 0; first < 8; ++first) {
      for (unsigned second = 0; second < 8; ++second) {
        std::string letters[2];
        for (const char letter : order) {
          const auto at = std::string("DRS").find(letter);
          if (at == std::string::npos || (first >> at) % 2 == 1) letters[0] += letter;
          if (at == std::string::npos || (second >> at) % 2 == 1) letters[1] += letter;
        }
        const auto a = group_of(letters[0], 'a'), b = group_of(letters[1], 'b'),
                   c = group_of(letters[0], 'c');
        const auto wanted = told(a) + told(b) + told(c);
        for (const auto& mail : {std::string(), about_mail})
          wrong += told(mail + a + "\n" + b + "\n\n" + c) == wanted ? 0 : 1;
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(wrong == 0);
}

TEST_CASE("no recipient of a DSN gets the reply that another one got") {
  // The fields that the first of two has, and those of the second.
  struct Row {
    std::string a, b;
  };
  for (const auto& [a, b] : std::vector<Row>{{"FAS", "DFAS"},
                                             {"FAS", "DRFA"},
                                             {"LFA", "RLFA"},
                                             {"FLA", "RLFA"},
                                             {"AF", "RAF"},
                                             {"OFAS", "LXOFASRD"},
                                             {"FASRD", "FAS"},
                                             {"FAX", "XDFA"}}) {
    CAPTURE(a);
    CAPTURE(b);
    const auto first = group_of(a, 'a'), second = group_of(b, 'b');
    CHECK(told(about_mail + first + "\n" + second) == told(first) + told(second));
  }
  // Though nothing is told of the first.
  CHECK(told(field_of('F', 'a') + "\n" + group_of("ADFS", 'b')) ==
        told(field_of('F', 'a')) + told(group_of("ADFS", 'b')));
}

TEST_CASE("recipients without an empty line between them, and with one behind each field") {
  for (const std::string order :
       {"FAS", "FASRD", "OFASRDL", "FOASRDL", "AFSRD", "AOFSD", "RFASD", "DRAFSO", "LFAXSRD"}) {
    CAPTURE(order);
    std::string wanted, glued, apart;
    for (const char name : {'a', 'b', 'c'}) {
      wanted += told(group_of(order, name));
      glued += group_of(order, name);
      apart += group_of(order, name, "\n");
    }
    CHECK(told(glued) == wanted);
    CHECK(told(about_mail + glued) == wanted);
    CHECK(told("Reporting-MTA: dns; o.example\n" + glued) == wanted);
    CHECK(told(apart) == wanted);
    CHECK(told(about_mail + apart) == wanted);
    // The last one has less than the others.
    const bool name_first = order.find_first_not_of("FO") > order.find('F');
    const auto fewer = group_of("FA", 'd');
    for (const auto& text : {glued + fewer, glued + "\n" + fewer, apart + fewer})
      if (name_first) CHECK(told(about_mail + text) == wanted + told(fewer));
  }
  // Where nobody can tell whose it is, it is nobody's.
  CHECK(told(group_of("AFS", 'a') + group_of("RAFS", 'b')) ==
        told(group_of("AFS", 'a')) + told(group_of("AFS", 'b')));
  CHECK(told(group_of("AFS", 'a') + "\n" + group_of("R", 'b') + "\n" + group_of("AFS", 'b')) ==
        told(group_of("AFS", 'a')) + told(group_of("AFS", 'b')));
  CHECK(told(group_of("FAS", 'a') + group_of("OFAS", 'b')) ==
        told(group_of("FAS", 'a')) + told(group_of("FAS", 'b')));
}

TEST_CASE("a name apart from what became of him") {
  for (const std::string order : {"FOASRD", "OFASRD"}) {
    const auto whole = group_of(order, 'a');
    for (std::size_t at = 1; at < order.size(); ++at) {
      CAPTURE(at);
      const auto split =
          group_of(order.substr(0, at), 'a') + "\n" + group_of(order.substr(at), 'a');
      CHECK(told(about_mail + split) == told(whole));
      CHECK(told(about_mail + split + "\n" + group_of(order, 'b')) ==
            told(whole) + told(group_of(order, 'b')));
    }
  }
  // Some name the original recipient only.
  CHECK(told(group_of("OAS", 'a') + "\n" + group_of("OAS", 'b') + "\n" + group_of("FAS", 'c')) ==
        told(group_of("OAS", 'a')) + told(group_of("OAS", 'b')) + told(group_of("FAS", 'c')));
}

TEST_CASE("two reports in one text keep their reporters") {
  const auto both =
      read_delivery_status("Reporting-MTA: dns; one.example\n\n" + group_of("FAS", 'a') +
                           "\nReporting-MTA: dns; two.example\n\n" + group_of("FAS", 'b'))
          .recipients;
  REQUIRE(both.size() == 2);
  CHECK(both[0].reporting_mta == "one.example");
  CHECK(both[1].reporting_mta == "two.example");
}

TEST_CASE("very many fields of a delivery report are read in no time, in any arrangement") {
  std::string same, alone, fronts;
  for (int at = 0; at < 200'000; ++at) {
    same += "Action: failed\n";
    alone += at % 2 == 0 ? "Action: failed\n\n" : "Status: 5.1.1\n\n";
    fronts += at % 10 == 0 ? "Final-Recipient: rfc822; a@b.example\n" : "Remote-MTA: dns; a\n";
  }
  const auto name = field_of('F', 'a');
  for (const auto* text : {&same, &alone, &fronts}) {
    CHECK(read_delivery_status(name + *text + "\n" + name + *text).recipients.size() <= 20'000);
    CHECK(read_delivery_status(*text + name).recipients.size() <= 20'000);
  }
}
