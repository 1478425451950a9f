// Whose the fields of a delivery report are: reports of a random generator, and single ones that
// were once read wrongly.

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "bounce/dsn.h"
#include "bounce/dsn_settle.h"

using namespace maildiag::bounce;

namespace {

/// By a letter, about a recipient; those in lower case are about the mail, those of 'h' nobody's.
std::string line_of(char letter, char who) {
  const int number = who - 'a' + 1;
  switch (letter) {
    case 'F':
      return fmt::format("Final-Recipient: rfc822; {0}@{0}.example\n", who);
    case 'O':
      return fmt::format("Original-Recipient: rfc822; {0}@{0}.example\n", who);
    case 'X':
      return fmt::format("X-Actual-Recipient: rfc822; {0}@{0}.example\n", who);
    case 'A':
      return "Action: failed\n";
    case 'S':
      return fmt::format("Status: 5.{0}.{0}\n", number);
    case 'D':
      return fmt::format("Diagnostic-Code: smtp; 550 no {}\n", who);
    case 'R':
      return fmt::format("Remote-MTA: dns; {}.mx.example\n", who);
    case 'L':
      return fmt::format("Last-Attempt-Date: Sat, 21 Nov 2026 00:00:0{} +0000\n", number);
    case 'G':
      return fmt::format("Final-Log-ID: {}\n", number);
    case 'm':
      return "Reporting-MTA: dns; o.example\n";
    case 't':
      return "Arrival-Date: Sat, 21 Nov 2026 00:00:00 +0000\n";
    case 'p':
      return "X-Postfix-Sender: rfc822; s@o.example\n";
    case '/':
      return "\n";
    default:
      return "X-Vendor: 1\n";
  }
}

std::string lines_of(std::string_view letters, char who) {
  std::string all;
  for (const char letter : letters) all += line_of(letter, who);
  return all;
}

/// A letter for each field of a recipient that has a value, and whose it is: "a@a SaDaRaLa".
std::string owned_by(const DeliveryFailure& failure) {
  auto all = failure.recipient.substr(0, failure.recipient.find('.')) + " ";
  const auto add = [&](char letter, char who) { (all += letter) += who; };
  if (!failure.reply.status.empty())
    add('S', static_cast<char>('a' - '1' + failure.reply.status.back()));
  if (failure.reply.text.starts_with("no ")) add('D', failure.reply.text.back());
  if (!failure.remote_host.empty()) add('R', failure.remote_host.front());
  if (failure.time)
    add('L',
        static_cast<char>('`' + failure.time->time_since_epoch().count() / 1'000'000'000 % 60));
  if (failure.original_recipient != "") add('O', failure.original_recipient.front());
  return all + "\n";
}

std::string owners(const std::string& report) {
  auto status = read_delivery_status(report);
  const Fields header;
  settle_status(status, TextReport("", header));
  std::string all;
  for (const auto& failure : status.recipients) all += owned_by(failure);
  return all;
}

/// What owners() says of a group that is read as it stands.
std::string wanted_of(std::string_view letters, char who) {
  const auto has = [=](char letter) { return letters.find(letter) != std::string_view::npos; };
  std::string all = has('F') || has('O') || has('X') ? fmt::format("{0}@{0} ", who) : " ";
  for (const char letter : {'S', 'D', 'R', 'L', 'O'})
    if (has(letter)) (all += letter) += who;
  return all + "\n";
}

class RandomReport {
 public:
  explicit RandomReport(unsigned seed) : random_(seed) {}
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::size_t below(std::size_t bound) { return random_() % bound; }
  /// Letters in any order, those of `always` and some of `others`.
  std::string some(std::string_view always, std::string_view others, unsigned percent) {
    std::string all(always);
    for (const char letter : others)
      if (chance(percent)) all += letter;
    for (auto at = all.size(); at > 1; --at) std::swap(all[at - 1], all[below(at)]);
    return all;
  }
  std::string in_order(std::string letters, std::string_view order) {
    std::sort(letters.begin(), letters.end(),
              [=](char a, char b) { return order.find(a) < order.find(b); });
    return letters;
  }

 private:
  std::mt19937 random_;
};

/// How groups of random reports are made.
struct Shape {
  std::string_view always, others;
  unsigned only_original = 0;  ///< percent that have no Final-Recipient
  bool repeats = false;  ///< fields about the mail among them, those about recipients in its own
};

/// How many of some thousand reports are not read as they are.
int misread(const Shape& shape, unsigned seed) {
  RandomReport random(seed);
  int wrong = 0;
  for (int report = 0; report < 3000; ++report) {
    const auto count = 1 + random.below(5);
    auto text = lines_of(random.some("m", "tpv", 40), 'h');
    // A sole recipient has them.
    if (shape.repeats && count > 1 && random.chance(50))
      text += lines_of(random.some("", "SDRLX", 40), 'h');
    if (shape.repeats && random.chance(20)) text += line_of(random.chance(50) ? 'O' : 'A', 'h');
    std::string wanted;
    const auto order = random.some("FOXASDRLGmtpv", "", 0);
    const bool ordered = random.chance(50);
    for (std::size_t at = 0; at < count; ++at) {
      const auto who = static_cast<char>('a' + at);
      auto letters = random.some(shape.always, shape.others, 60);
      if (letters.find_first_of("ASD") == std::string::npos) letters += 'A';
      if (random.chance(shape.only_original)) {
        std::erase(letters, 'F');
        if (letters.find('O') == std::string::npos) letters += 'O';
      }
      if (shape.repeats) letters = random.some(letters, "mtpv", 20);
      if (ordered) letters = random.in_order(letters, order);
      text += "\n" + lines_of(letters, who);
      if (random.chance(10)) text += "\n";
      wanted += wanted_of(letters, who);
    }
    if (owners(text) == wanted) continue;
    if (++wrong == 1) MESSAGE(text << "is read as\n" << owners(text) << "and not as\n" << wanted);
  }
  return wrong;
}

}  // namespace

TEST_CASE("every random report as RFC 3464 has it is read as it is") {
  CHECK(misread({"FAS", "DRLOXG", 0, true}, 1) == 0);
  CHECK(misread({"FAS", "DRLOXG", 0, false}, 2) == 0);
  // Without what the RFC asks for, and with an Original-Recipient alone.
  CHECK(misread({"F", "ASDRLOXG", 0, false}, 3) == 0);
  CHECK(misread({"FAS", "DRLOXG", 30, false}, 4) == 0);
  CHECK(misread({"F", "ASDRLOXG", 30, false}, 5) == 0);
}

TEST_CASE("a random report without empty lines is read as it is if the names come first") {
  RandomReport random(6);
  for (int report = 0; report < 2000; ++report) {
    const auto order = "F" + random.some("OXASDRLG", "", 0);
    std::string text = "Reporting-MTA: dns; o.example\n", wanted;
    for (char who = 'a'; who < 'd'; ++who) {
      const auto letters = random.in_order(random.some("FAS", "DRLXG", 60), order);
      text += lines_of(letters, who);
      wanted += wanted_of(letters, who);
    }
    CAPTURE(text);
    REQUIRE(owners(text) == wanted);
  }
}

TEST_CASE("a paragraph with one recipient is his, whatever stands in front or comes again") {
  struct Row {
    std::string head, group;
  };
  for (const auto& [head, group] : std::vector<Row>{{"mt", "FAtSD"},
                                                    {"m", "FAmSRD"},
                                                    {"mL", "FALSRD"},
                                                    {"mR", "FARSD"},
                                                    {"m", "AFASD"},
                                                    {"m", "SFASRD"},
                                                    {"m", "LFASLD"},
                                                    {"t", "AFSRtAD"},
                                                    {"mO", "FOASD"}}) {
    CAPTURE(group);
    const auto text = lines_of(head + "/" + group, 'a');
    CHECK(owners(text) == wanted_of(group, 'a'));
    CHECK(owners(text + "\n" + lines_of(group, 'b')) ==
          wanted_of(group, 'a') + wanted_of(group, 'b'));
  }
  // What is about the mail is no recipient's, and no recipient.
  const auto two = lines_of("/FAS", 'a') + lines_of("/FAS", 'b');
  for (const auto* head : {"mS", "mD", "mR", "mSD", "mAS", "mO"}) {
    CAPTURE(head);
    CHECK(owners(lines_of(head, 'h') + two) == wanted_of("FAS", 'a') + wanted_of("FAS", 'b'));
  }
  // Of two values the one behind the name counts, and none is the neighbour's.
  CHECK(owners(lines_of("AFS/", 'a') + lines_of("A", 'b') + lines_of("D", 'x') +
               lines_of("FSD/", 'b') + lines_of("AFS", 'c')) ==
        wanted_of("FAS", 'a') + wanted_of("FASD", 'b') + wanted_of("FAS", 'c'));
}

TEST_CASE(
    "a sole recipient has what stands among the fields about the mail, as far as he lacks it") {
  struct Row {
    std::string report, group;
  };
  for (const auto& [report, group] : std::vector<Row>{{"mD/FAS", "FASD"},
                                                      {"mR/FAS", "FASR"},
                                                      {"mSD/FAS", "FASD"},
                                                      {"mRD/FAS", "FASRD"},
                                                      {"mASD/F", "FASD"},
                                                      {"mOS/F", "FOS"},
                                                      {"m/FAS/tD", "FASD"},
                                                      {"m/FA/LtD", "FALD"},
                                                      {"m/FAS/t/RD", "FASRD"},
                                                      {"D/m/FAS", "FASD"},
                                                      {"mR/FA/SL/tD", "FASLD"},
                                                      {"mD/FAS/", "FASD"}}) {
    CAPTURE(report);
    CHECK(owners(lines_of(report, 'a')) == wanted_of(group, 'a'));
  }
  for (const auto* head : {"mS", "mAS", "mO"}) {
    CAPTURE(head);
    CHECK(owners(lines_of(head, 'h') + lines_of("/FAS", 'a')) == wanted_of("FAS", 'a'));
  }
  CHECK(owners(lines_of("mD/", 'h') + lines_of("FAS/tD", 'a')) == wanted_of("FASD", 'a'));
  // What is another one's, whom nothing names, and what stands behind that.
  for (const std::string other : {"AS/D", "ASD/R", "S/t/D", "tASD", "tASD/tL"}) {
    CAPTURE(other);
    const auto all = owners(lines_of("m/FAS/", 'a') + lines_of(other, 'b'));
    CHECK(all.starts_with(wanted_of("FAS", 'a')));
    CHECK(all.find("Db") != std::string::npos);
  }
  CHECK(owners(lines_of("m/", 'h') + lines_of("D/AS/", 'b') + lines_of("FAS", 'a')) ==
        wanted_of("ASD", 'b') + wanted_of("FAS", 'a'));
}

TEST_CASE("a reply among fields about the mail is told behind a recipient, though it is nobody's") {
  const auto a = lines_of("m/FAS/", 'a'), b = lines_of("FASD", 'b');
  const auto of_a = wanted_of("FAS", 'a'), of_b = wanted_of("FASD", 'b');
  CHECK(owners(a + lines_of("tRD/", 'c') + b) == of_a + wanted_of("RD", 'c') + of_b);
  CHECK(owners(a + b + lines_of("/tSD", 'c')) == of_a + of_b + wanted_of("SD", 'c'));
  // Without one it tells nothing.
  CHECK(owners(a + lines_of("tASR/", 'c') + b) == of_a + of_b);
}

TEST_CASE("who is named by an Original-Recipient only is a recipient among complete ones") {
  CHECK(owners(lines_of("m/FOAS/", 'b') + lines_of("OASD/", 'a') + lines_of("FOAS", 'c')) ==
        wanted_of("FOAS", 'b') + wanted_of("OASD", 'a') + wanted_of("FOAS", 'c'));
  // Not so the rest of a group that an empty line tore apart, in front of the name or behind it.
  CHECK(owners(lines_of("m/FA/OSRD/", 'a') + lines_of("FA/OSRD", 'b')) ==
        wanted_of("FAOSRD", 'a') + wanted_of("FAOSRD", 'b'));
  CHECK(owners(lines_of("m/AO/FSRD/", 'a') + lines_of("AO/FSRD", 'b')) ==
        wanted_of("FAOSRD", 'a') + wanted_of("FAOSRD", 'b'));
}

TEST_CASE("a paragraph that names no recipient is nobody's where the neighbours have its fields") {
  const auto b = lines_of("FAS/", 'b'), c = lines_of("FAS", 'c');
  const auto of_b = wanted_of("FAS", 'b'), of_c = wanted_of("FAS", 'c');
  CHECK(owners(lines_of("m/", 'h') + b + lines_of("ASD/", 'a') + c) ==
        of_b + wanted_of("ASD", 'a') + of_c);
  CHECK(owners(lines_of("m/", 'h') + lines_of("ASD/", 'a') + b + c) ==
        wanted_of("ASD", 'a') + of_b + of_c);
  CHECK(owners(lines_of("m/", 'h') + b + c + lines_of("/ASD", 'a')) ==
        of_b + of_c + wanted_of("ASD", 'a'));
  CHECK(owners(lines_of("m/", 'h') + b + lines_of("XASD/", 'a') + c) ==
        of_b + wanted_of("XASD", 'a') + of_c);
  CHECK(owners(lines_of("m/", 'h') + b + lines_of("ASRD/", 'a') + c + lines_of("/FAS", 'd')) ==
        of_b + wanted_of("ASRD", 'a') + of_c + wanted_of("FAS", 'd'));
  // Either's, both have all that each must have: the reply is told without a recipient.
  CHECK(owners(lines_of("m/", 'h') + b + lines_of("D/", 'a') + c) ==
        of_b + wanted_of("D", 'a') + of_c);
}

TEST_CASE("more fields than are kept leave the recipients in front of them") {
  for (const std::string end : {"", "/"}) {
    CAPTURE(end);
    std::string text = line_of('m', 'h') + "\n", wanted;
    for (int at = 0; at < 4100; ++at) text += lines_of("FAS" + end, 'a');
    for (int at = 0; at < 1000; ++at) wanted += wanted_of("FAS", 'a');
    CHECK(owners(text) == wanted);
  }
}
