#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/reader.h"

using namespace maildiag;
using bounce::for_each_message;
using bounce::Message;

namespace {

namespace fs = std::filesystem;

class Tree {
 public:
  Tree() : root_(fs::temp_directory_path() / ("maildiag-source-" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~Tree() { fs::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  std::string add(const std::string& name, const std::string& octets) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << octets;
    return (root_ / name).string();
  }
  std::string path(const std::string& name = "") const { return (root_ / name).string(); }
  fs::path root() const { return root_; }

 private:
  fs::path root_;
};

struct Collected {
  std::vector<std::string> names, octets, problems;
  std::vector<ErrorCode> codes;
};

Collected collect(const std::string& path, std::size_t limit = 1000) {
  Collected all;
  for_each_message(
      path,
      [&](Message message) {
        all.names.push_back(message.name);
        all.octets.push_back(message.octets);
        return all.names.size() < limit;
      },
      [&](Error error) {
        all.problems.push_back(error.message);
        all.codes.push_back(error.code);
      });
  return all;
}

}  // namespace

TEST_CASE("one mail in a file") {
  const Tree tree;
  const auto path = tree.add("one.eml", "Subject: a\n\nFrom here on text.\n>From x\n");
  const auto all = collect(path);
  REQUIRE(all.names.size() == 1);
  CHECK(all.names[0] == path);
  CHECK(all.octets[0] == "Subject: a\n\nFrom here on text.\n>From x\n");
  CHECK(all.problems.empty());
}

TEST_CASE("a first field with blanks before its colon begins no mbox") {
  const Tree tree;
  const std::string octets = "From : \"at 09:30:00\" <a@victim.example>\nFrom: b@c\n\n>From x\n";
  const auto all = collect(tree.add("one.eml", octets));
  REQUIRE(all.octets.size() == 1);
  CHECK(all.octets[0] == octets);
}

TEST_CASE("an mbox") {
  const Tree tree;
  const auto path = tree.add("mbox",
                             "From a@b Sat Nov 21 09:30:00 2026\nSubject: 1\n\nFrom here on "
                             "text.\n>From me\n>>From you\n\n"
                             "From - Sat Nov 21 09:31:00 2026\nSubject: 2\n\nbody\nFrom a@b Sat "
                             "Nov 21 09:30:00 2026 in a text\n\n"
                             "From MAILER-DAEMON Sat Nov 21 09:32:00 2026\r\nSubject: 3\r\n\r\n");
  const auto all = collect(path);
  REQUIRE(all.names.size() == 3);
  CHECK(all.names[2] == path + ":3");
  CHECK(all.octets[0] == "Subject: 1\n\nFrom here on text.\nFrom me\n>From you\n\n");
  CHECK(all.octets[1] == "Subject: 2\n\nbody\nFrom a@b Sat Nov 21 09:30:00 2026 in a text\n\n");
  CHECK(collect(path, 2).names.size() == 2);
}

TEST_CASE("mails of an mbox that its writer or an editor has spoiled") {
  const Tree tree;
  const std::string one = "From a@b Sat Nov 21 09:30:00 2026\nSubject: 1\n\nbody\n";
  const std::string two = "From MAILER-DAEMON  Mon Nov  2 09:31:00 KST 2026\nSubject: 2\n\n";
  for (const std::string front : {"", "\n", "\r\n\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n"}) {
    const auto all = collect(tree.add("mbox", front + one + two));
    REQUIRE(all.octets.size() == 2);
    CHECK(all.octets[0] == "Subject: 1\n\nbody\n");
    CHECK(all.octets[1] == "Subject: 2\n\n");
    // In front of what is no mbox nothing is lost.
    const auto single = collect(tree.add("one.eml", front + "Subject: 1\n\n"));
    REQUIRE(single.octets.size() == 1);
    CHECK(single.octets[0] == front + "Subject: 1\n\n");
  }
  const std::string empty(5000, '\n');
  CHECK(collect(tree.add("empty", empty)).octets == std::vector<std::string>{empty});
}

TEST_CASE("a sentence with a time in it begins no mail") {
  const Tree tree;
  for (const std::string line :
       {"From today at 10:30 on our server is closed", "From Sat Nov 21 at 09:30 we are closed",
        "From me Sat Nov 21 09:30:00 2026 on, there will be no more mail",
        "From a@b Sat Foo 21 09:30:00 2026", "From a@b Nov 21 09:30:00 2026 once more",
        "From bob@c.example we got this mail on 2026-11-21 09:30:00",
        "From bob@c.example (Bob) we got this on 2026-11-21 09:30:00",
        "From \"Bob\" we got this mail on 2026-11-21 09:30:00",
        "From \"Bob\"@c.example we got it on Nov 21 09:30:00 2026",
        "From \"Bob 2026-11-21 09:30:00 +0900", "From bob@c.example (on 2026-11-21 09:30:00",
        "From bob@c.example 2026-11-21 09:30:00 to 2026-11-22 10:30:00",
        "From bob@c.example 2026-11-21 09:30:00 2026-11-22 10:30:00",
        "From bob 메일 2026-11-21 09:30:00", "From Bob we got this Sat, 21 Nov 2026 09:30:00 +0900",
        "From Bob Sat, 21 Nov 2026 on", "From Eastern Standard Time on 2026-11-21 Standard Time",
        "From bob@c.example we know Sat Nov 21 2026 9:30 in Standard Time"}) {
    CAPTURE(line);
    for (const std::string next : {"body\n", "Note: closed\n"}) {
      const auto mail = "Subject: 1\n\n" + line + "\n" + next;
      const auto all = collect(tree.add("mbox", "From a@b Sat Nov 21 09:30:00 2026\n" + mail));
      REQUIRE(all.octets.size() == 1);
      CHECK(all.octets[0] == mail);
      // Nor does it begin an mbox.
      CHECK(collect(tree.add("text", line + "\n" + next)).octets ==
            std::vector<std::string>{line + "\n" + next});
    }
  }
}

TEST_CASE("a From_ line of nothing but blanks begins no mail") {
  const Tree tree;
  const auto mail = "Subject: 1\n\nbody\n\nFrom " + std::string(80, '\t') + "\nSubject: 2\n";
  const auto all = collect(tree.add("mbox", "From a@b Sat Nov 21 09:30:00 2026\n" + mail));
  REQUIRE(all.octets.size() == 1);
  CHECK(all.octets[0] == mail);
}

TEST_CASE("dates of From_ lines as programs write them") {
  const Tree tree;
  for (const std::string date : {"Sat, 21 Nov 2026 09:30:00 +0900",
                                 "Sat, 21 Nov 2026 09:30:00 +0900 (KST)",
                                 "21 Nov 2026 9:30:00 +0900 (Korea Standard Time)",
                                 "21 Nov 26 09:30:00 KST",
                                 "Sat Nov 21 09:30:00 2026 remote from relay",
                                 "Sat Nov 21 09:30 KST 2026 remote from relay",
                                 "2026-11-21T09:30:00Z",
                                 "2026-11-21T09:30:00.123+09:00",
                                 "2026-11-21 09:30:00 +0900",
                                 "2026-11-21 09:30:00",
                                 "2026/11/21 09:30",
                                 "21-Nov-2026 09:30:00 +0900",
                                 "Sat Nov 21 9:30:00 2026",
                                 "Sat Nov  1 9:30:00 2026",
                                 "Sat Nov 21 09:30:00 2026 +0900 (KST)",
                                 "Sat Nov 21 09:30:00 GMT+09:00 2026",
                                 "Sat Nov 21 09:30:00 AM 2026",
                                 "Sat Nov 21 2026 09:30:00",
                                 "Nov 21 09:30:00 2026",
                                 "Nov 21, 2026 9:30 PM",
                                 "Saturday, 21 Nov 2026 9:30 PM",
                                 "Sat Nov 21 09:30:00.123 2026",
                                 "Sat Nov 21 09:30:00 2026 Korea Standard Time",
                                 "Sat, 21 Nov 2026 09:30:00 W. Europe Daylight Time"}) {
    for (const std::string sender : {"a@b ", "MAILER-DAEMON  ", "- ", "\"a b\"@c ",
                                     "\"a \\\" b\"@c ", "\"Bob B\" ", "a@b (Bob B) "}) {
      const auto from = "From " + sender + date;
      CAPTURE(from);
      for (const std::string end : {"\n", "\r\n"}) {
        const auto one = "Subject: 1" + end + end + "body" + end + end;
        const auto two = "Return-Path: <>" + end + end;
        const auto all = collect(tree.add("mbox", from + end + one + from + end + two));
        CHECK(all.octets == std::vector<std::string>{one, two});
        // Who writes such lines may leave none empty in front of them.
        const auto glued = "Subject: 1" + end + end + "body" + end;
        const auto folded = "Received: from a" + end + "\tby b" + end + end + "body" + end;
        const auto line = from + end;
        CHECK(collect(tree.add("glued", line + glued + line + folded + line + folded)).octets ==
              std::vector<std::string>{glued, folded, folded});
      }
    }
  }
}

TEST_CASE("a sender of some words, and a date with a weekday") {
  const Tree tree;
  for (const std::string from : {"From Mail Delivery System Sat, 21 Nov 2026 09:30:00 +0900\n",
                                 "From Mail <a@b> Sat, 21 Nov 2026 09:30:00 +0900\n"}) {
    const std::string one = "Subject: 1\n\nbody\n\n", two = "Subject: 2\n\n";
    CHECK(collect(tree.add("mbox", from + one + from + two)).octets ==
          std::vector<std::string>{one, two});
  }
}

TEST_CASE("in an mbox of loose dates a line in a text begins no mail, but with a header behind") {
  const Tree tree;
  const std::string loose = "From x Sat, 21 Nov 2026 00:00:00 +0900\n";
  for (const std::string next :
       {"that\n", "Note: 1\n", "Note: 1\nthat\n", "Note: 1\n\nTo: x\n", "\nTo: x\nTo: y\n",
        " Note: 1\nTo: x\n", "Note: 1\nhttps://example.com/\n", ""}) {
    CAPTURE(next);
    const auto mail = "Subject: 1\n\nwrote\n" + loose + next;
    CHECK(collect(tree.add("mbox", loose + mail)).octets == std::vector<std::string>{mail});
  }
  // A quoted line is one of the header of UUCP there.
  const auto all = collect(tree.add(
      "uucp", loose + "Subject: 1\n\nwrote\n" + loose + ">From a b\nSubject: 2\n\n>From c\n"));
  CHECK(all.octets ==
        std::vector<std::string>{"Subject: 1\n\nwrote\n", "From a b\nSubject: 2\n\nFrom c\n"});
}

TEST_CASE("in an mbox of exact From_ lines a sender of some words begins no mail") {
  const Tree tree;
  const std::string exact = "From x@y.example Sat Nov 21 09:30:00 2026\n";
  const std::string words = "From Alice Smith Sat, 21 Nov 2026 09:30:00 +0900\n";
  const std::string loose = "From alice@a.example Sat, 21 Nov 2026 09:30:00 +0900\n";
  const std::string one = "Subject: 1\n\nYour message\n\n", two = "Subject: 2\nTo: a@b\n\nhello\n";
  CHECK(collect(tree.add("words", exact + one + words + two)).octets ==
        std::vector<std::string>{one + words + two});
  CHECK(collect(tree.add("loose", exact + one + loose + two)).octets ==
        std::vector<std::string>{one, two});
  CHECK(collect(tree.add("first", words + one + loose + two + words + two)).octets ==
        std::vector<std::string>{one, two, two});
}

TEST_CASE("in an mbox of loose dates what a bounce quotes begins no mail") {
  const Tree tree;
  const std::string loose = "From x@y.example Sat, 21 Nov 2026 09:30:00 +0900\n";
  const std::string mail = "Return-Path: <a@b>\nSubject: 2\n\nhello\n";
  for (const std::string end : {"\n", " \n", "\r\n"}) {
    for (const std::string front :
         {"Your message:", "원본 메시지:", "원본 메시지：", "--- returned", "--- 원본 메시지 ---",
          "------ This is a copy of the message, including all the headers. ------",
          "   ----- Unsent message follows -----"}) {
      CAPTURE(front);
      const auto bounce = "Subject: 1\n\nno such user\n" + front + end + loose + mail;
      CHECK(collect(tree.add("mbox", loose + bounce + loose + mail)).octets ==
            std::vector<std::string>{bounce, mail});
    }
    // Ends of mails, and of their parts.
    for (const std::string last :
         {"body", "-- ", "-- Kim Minsu", "----", "--b--", "------=_Part_1--",
          "-----END PGP SIGNATURE-----", "----- Message body suppressed -----",
          "----- End of returned message -----"}) {
      CAPTURE(last);
      const auto one = "Subject: 1\n\n" + last + end;
      CHECK(collect(tree.add("mbox", loose + one + loose + mail)).octets ==
            std::vector<std::string>{one, mail});
    }
  }
  // A header that nothing follows.
  const std::string header = "Subject: 1\nX-Empty:\n";
  CHECK(collect(tree.add("header", loose + mail + loose + header + loose + mail)).octets ==
        std::vector<std::string>{mail, header, mail});
}

TEST_CASE("a From_ line in a text begins no mail") {
  const Tree tree;
  const std::string exact = "From x Sat Nov 21 00:00:00 2026\n";
  const std::string loose = "From x Sat, 21 Nov 2026 00:00:00 +0900\n";
  for (const auto& mail :
       {"Subject: 1\n\nwrote\n" + exact + "that\n", "Subject: 1\n\nwrote\n" + exact + "\nthat\n",
        "Subject: 1\n\n" + loose + "\nthat\n", "Subject: 1\n\nwrote\n" + loose + "Subject: 2\n",
        "Subject: 1\n\n" + loose + "1: 2\n", "Subject: 1\n\n" + loose + "X-Spam/Score: 2\n",
        "Subject: 1\n\nwrote\n" + exact + "https://example.com/\n", "Subject: 1\n\n" + exact}) {
    CAPTURE(mail);
    CHECK(collect(tree.add("mbox", exact + mail)).octets == std::vector<std::string>{mail});
    CHECK(collect(tree.add("one.eml", mail)).octets == std::vector<std::string>{mail});
  }
  // UUCP's second line, and an mbox in which nothing is.
  const auto uucp =
      collect(tree.add("mbox", exact + ">From a Sat Nov 21 00:00:00 2026 remote from b\n"));
  CHECK(uucp.octets == std::vector<std::string>{"From a Sat Nov 21 00:00:00 2026 remote from b\n"});
  CHECK(collect(tree.add("mbox", exact)).octets == std::vector<std::string>{exact});
}

TEST_CASE("behind an empty line a From_ line of RFC 4155 begins a mail, whatever it begins with") {
  const Tree tree;
  for (const std::string end : {"\n", "\r\n"}) {
    const auto from = "From x Sat Nov 21 00:00:00 2026" + end;
    const auto one = "Subject: 1" + end + end + "body" + end + end;
    for (const std::string first : {"", "X-Spam/Score: 1", "2fa-token: 1", "X-ASG&Debug: 1",
                                    " folded", "\tX: 1", "body", "https://example.com/"}) {
      CAPTURE(first);
      const auto two = first + end + "Subject: 2" + end;
      const auto expected = std::vector<std::string>{one, two};
      CHECK(collect(tree.add("mbox", from + one + from + two)).octets == expected);
      CHECK(collect(tree.add("first", from + two)).octets == std::vector<std::string>{two});
    }
    // Without one a header has to follow, of any name.
    for (const std::string first :
         {"X-Spam/Score: 1", "2fa-token: 1", "X-ASG&Debug: 1", "Subject : 1"}) {
      const auto glued = "Subject: 1" + end + end + "body" + end;
      const auto two = first + end;
      CHECK(collect(tree.add("mbox", from + glued + from + two)).octets ==
            std::vector<std::string>{glued, two});
    }
  }
}

TEST_CASE("a mail above the bound is one problem, the next is read") {
  const Tree tree;
  std::string octets = "From a@b Sat Nov 21 09:30:00 2026\nSubject: 1\n\n";
  octets += std::string(bounce::max_message_bytes, 'a');
  octets += "\n\nFrom a@b Sat Nov 21 09:31:00 2026\nSubject: 2\n\n";
  const auto all = collect(tree.add("mbox", octets));
  REQUIRE(all.names.size() == 1);
  CHECK(all.octets[0] == "Subject: 2\n\n");
  REQUIRE(all.codes.size() == 1);
  CHECK(all.codes[0] == ErrorCode::bad_data);
}

TEST_CASE("a Maildir without its tmp") {
  const Tree tree;
  tree.add("m/cur/2:2,S", "b");
  tree.add("m/new/1", "a");
  tree.add("m/tmp/3", "c");
  const auto all = collect(tree.path("m/"));
  CHECK(all.octets == std::vector<std::string>{"b", "a"});
  CHECK(all.names[0] == tree.path("m/cur/2:2,S"));
}

TEST_CASE("a directory, sorted, with links and things that are no mail") {
  const Tree tree;
  tree.add("d/b.eml", "b");
  tree.add("d/a.eml", "a");
  tree.add("d/.hidden", "h");
  tree.add("d/sub/c.eml", "c");
  fs::create_symlink("missing", tree.root() / "d/lost");
  fs::create_directory_symlink("..", tree.root() / "d/sub/up");
  const auto all = collect(tree.path("d"));
  CHECK(all.octets == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(all.codes.size() == 1);
  CHECK(all.codes[0] == ErrorCode::no_input);
}

TEST_CASE("what cannot be read is one problem") {
  const Tree tree;
  fs::create_directories(tree.root() / "empty");
  const auto empty = collect(tree.path("empty"));
  REQUIRE(empty.problems.size() == 1);
  CHECK(empty.codes[0] == ErrorCode::bad_data);
  CHECK(empty.problems[0] == tree.path("empty") + " is a directory without mail");
  const auto missing = collect(tree.path("missing.eml"));
  REQUIRE(missing.problems.size() == 1);
  CHECK(missing.codes[0] == ErrorCode::no_input);
  CHECK(missing.problems[0] ==
        "cannot read " + tree.path("missing.eml") + ": No such file or directory");
  const auto nothing = collect(tree.add("nothing.eml", ""));
  REQUIRE(nothing.octets.size() == 1);
  CHECK(nothing.octets[0].empty());
}

TEST_CASE("of a line that is read in pieces only the first begins a line") {
  constexpr std::size_t piece = 64UL << 10;
  const std::string from = "From a@b Sat Nov 21 09:30:00 2026\n";
  const Tree tree;
  for (const std::string end : {"\n", "\r\n"}) {
    for (std::size_t less = 0; less < 3; ++less) {
      const auto first = "Subject: 1\n\n" + std::string(piece - less, 'x');
      const auto two = collect(tree.add("mbox", from + first + end + from + "Subject: 2\n"));
      REQUIRE(two.octets.size() == 2);
      CHECK(two.octets[0] == first + end);
      CHECK(two.octets[1] == "Subject: 2\n");
      const auto one = collect(tree.add("mbox", from + first + from + "Subject: 2\n"));
      REQUIRE(one.octets.size() == 1);
      CHECK(one.octets[0] == first + from + "Subject: 2\n");
    }
  }
}
