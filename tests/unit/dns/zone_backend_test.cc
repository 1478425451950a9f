#include <algorithm>
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "dns/backends.h"
#include "support/ask.h"
#include "support/temporary_file.h"

using namespace maildiag;
using maildiag::test::ask;
using maildiag::test::ask_line;
using maildiag::test::TemporaryFile;

namespace {

std::shared_ptr<dns::Backend> backend_of(const TemporaryFile& file) {
  auto backend = dns::make_zone_backend({file.path()});
  REQUIRE_MESSAGE(backend, backend.error().message);
  return *backend;
}

/// The error of a zone file, without the path in front.
std::string error_of(std::string_view text) {
  const TemporaryFile file(text);
  const auto backend = dns::make_zone_backend({file.path()});
  if (backend) return "no error";
  CHECK(backend.error().code == ErrorCode::bad_data);
  const auto& message = backend.error().message;
  REQUIRE(message.starts_with(file.path() + ":"));
  return message.substr(file.path().size() + 1);
}

constexpr std::string_view example_zone = R"($ORIGIN example.com.
$TTL 1h
@        IN SOA ns1 hostmaster 2026112101 7200 900 1209600 300
         IN NS  ns1
         IN MX  10 mail
@        600 IN TXT "v=spf1 ip4:192.0.2.0/24 -all"
ns1      A   192.0.2.53
mail     A   192.0.2.25
         AAAA 2001:db8::25
www      CNAME web
web      60 A 192.0.2.80
outside  CNAME www.example.net.
dangling CNAME gone
empty.non.terminal A 192.0.2.99
*.wild   TXT "synthesized"
a.b.wild A   192.0.2.1
*.alias  CNAME web
loop1    CNAME loop2
loop2    CNAME loop1
self     CNAME self
child    NS  ns.child
         DS  12345 8 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.child A   192.0.2.54
moved    DNAME example.org.
$ORIGIN example.org.
@ SOA ns hostmaster 1 2 3 4 60
www.web  A 192.0.2.81
$ORIGIN 2.0.192.in-addr.arpa.
@ SOA ns1.example.com. hostmaster.example.com. 1 2 3 4 30
25 PTR mail.example.com.
)";

}  // namespace

TEST_CASE("a zone answers what it holds") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  CHECK(ask_line(*backend, "example.com", "MX") == "answer: 10 mail.example.com");
  CHECK(ask_line(*backend, "EXAMPLE.Com", "txt") == "answer: \"v=spf1 ip4:192.0.2.0/24 -all\"");
  CHECK(ask_line(*backend, "mail.example.com", "AAAA") == "answer: 2001:db8::25");
  CHECK(ask_line(*backend, "25.2.0.192.in-addr.arpa", "PTR") == "answer: mail.example.com");
  CHECK(ask_line(*backend, "ns1.example.com", "NS") == "nodata");
  CHECK(ask_line(*backend, "nothing.example.com", "A") == "nxdomain");
}

TEST_CASE("long names are counted by their octets") {
  const std::string label(60, 'x');
  std::string text =
      "$ORIGIN " + label + "." + label + "." + label + "." + label + ".\n@ SOA . . 1 1 1 1 1\n";
  for (int i = 0; i < 280'000; ++i) text += std::to_string(i) + " A 192.0.2.1\n";
  CHECK(error_of(text).ends_with(": more than 64 MiB of names, the most that is read"));
}

TEST_CASE("an answer names its question, its zone file and its TTL") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  const auto txt = ask(*backend, "Example.com", "TXT");
  CHECK(txt.question.name.to_string() == "Example.com");
  CHECK(txt.server == "zone:" + file.path());
  CHECK(txt.rcode == 0);
  CHECK(txt.ttl == 600);
  CHECK(txt.records.at(0).ttl == 600);
  CHECK(txt.records.at(0).name.to_string() == "Example.com");
  CHECK(txt.elapsed.count() == 0);
  CHECK(ask(*backend, "www.example.com", "A").ttl == 60);  // the smallest of chain and records
  const auto none = ask(*backend, "nothing.example.com", "A");
  CHECK(none.rcode == 3);
  CHECK(none.ttl == 300);  // the SOA's minimum
  CHECK(ask(*backend, "9.2.0.192.in-addr.arpa", "PTR").ttl == 30);
}

TEST_CASE("the smallest TTL counts: of the alias, of the SOA itself") {
  const TemporaryFile file(
      "$ORIGIN example.com.\n@ 20 SOA a b 1 2 3 4 300\nwww 5 CNAME web\nweb 60 A 192.0.2.1\n");
  const auto backend = backend_of(file);
  CHECK(ask(*backend, "www.example.com", "A").ttl == 5);
  CHECK(ask(*backend, "gone.example.com", "A").ttl == 20);
  CHECK(ask(*backend, "web.example.com", "MX").ttl == 20);
  CHECK(ask(*backend, "www.example.com", "MX").ttl == 5);
}

TEST_CASE("names that exist only above others have no data, and are no NXDOMAIN") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  CHECK(ask_line(*backend, "empty.non.terminal.example.com", "A") == "answer: 192.0.2.99");
  CHECK(ask_line(*backend, "non.terminal.example.com", "A") == "nodata");
  CHECK(ask_line(*backend, "terminal.example.com", "A") == "nodata");
  CHECK(ask_line(*backend, "other.terminal.example.com", "A") == "nxdomain");
}

TEST_CASE("wildcards follow RFC 4592") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  CHECK(ask_line(*backend, "x.wild.example.com", "TXT") == "answer: \"synthesized\"");
  CHECK(ask_line(*backend, "x.y.wild.example.com", "TXT") == "answer: \"synthesized\"");
  CHECK(ask_line(*backend, "x.wild.example.com", "A") == "nodata");
  CHECK(ask_line(*backend, "*.wild.example.com", "TXT") == "answer: \"synthesized\"");
  CHECK(ask_line(*backend, "wild.example.com", "TXT") == "nodata");
  // b.wild exists, so it and what is below it are not synthesized.
  CHECK(ask_line(*backend, "b.wild.example.com", "TXT") == "nodata");
  CHECK(ask_line(*backend, "x.b.wild.example.com", "TXT") == "nxdomain");
  CHECK(ask_line(*backend, "x.alias.example.com", "A") == "answer > web.example.com: 192.0.2.80");
  CHECK(ask(*backend, "x.wild.example.com", "TXT").records.at(0).name.to_string() ==
        "x.wild.example.com");
}

TEST_CASE("CNAME and DNAME are followed, also into other zones") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  CHECK(ask_line(*backend, "www.example.com", "A") == "answer > web.example.com: 192.0.2.80");
  CHECK(ask_line(*backend, "www.example.com", "MX") == "nodata > web.example.com");
  CHECK(ask_line(*backend, "www.example.com", "CNAME") == "answer: web.example.com");
  CHECK(ask_line(*backend, "dangling.example.com", "A") == "nxdomain > gone.example.com");
  CHECK(ask_line(*backend, "www.web.moved.example.com", "A") ==
        "answer > www.web.example.org: 192.0.2.81");
  CHECK(ask_line(*backend, "www.web.moved.example.com", "CNAME") == "answer: www.web.example.org");
  CHECK(ask_line(*backend, "moved.example.com", "DNAME") == "answer: example.org");
  CHECK(ask_line(*backend, "outside.example.com", "A") == "refused > www.example.net");
}

TEST_CASE("a CNAME loop is SERVFAIL and says so") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  for (const auto* name : {"loop1.example.com", "self.example.com"}) {
    const auto answer = ask(*backend, name, "A");
    CHECK(answer.outcome == dns::Outcome::servfail);
    CHECK(answer.rcode == 2);
    CHECK(answer.detail == "CNAME loop");
  }
}

TEST_CASE("a CNAME chain has an end even without a loop") {
  std::string zone = "$ORIGIN example.com.\n";
  for (int i = 0; i < 40; ++i) {
    zone += "n" + std::to_string(i) + " CNAME n" + std::to_string(i + 1) + "\n";
  }
  zone += "n40 A 192.0.2.1\n";
  const TemporaryFile file(zone);
  const auto backend = backend_of(file);
  CHECK(ask(*backend, "n0.example.com", "A").detail == "more than 16 CNAMEs");
  CHECK(ask(*backend, "n24.example.com", "A").found());
}

TEST_CASE("a DNAME that makes too long a name is YXDOMAIN") {
  std::string label(63, 'x');
  std::string target = label + "." + label + "." + label;
  const TemporaryFile file("$ORIGIN example.com.\nd DNAME " + target + ".example.com.\n");
  const auto backend = backend_of(file);
  const auto answer = ask(*backend, label + ".d.example.com", "A");
  CHECK(answer.outcome == dns::Outcome::other_rcode);
  CHECK(answer.rcode == 6);
}

TEST_CASE("what is delegated or in no zone is REFUSED") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  for (const auto* name : {"child.example.com", "ns.child.example.com", "x.y.child.example.com"}) {
    const auto answer = ask(*backend, name, "A");
    CHECK(answer.outcome == dns::Outcome::refused);
    CHECK(answer.rcode == 5);
    CHECK(answer.detail.find("delegated") != std::string::npos);
  }
  CHECK(ask(*backend, "child.example.com", "DS").found());  // stands at the parent's side
  const auto outside = ask(*backend, "com", "NS");
  CHECK(outside.outcome == dns::Outcome::refused);
  CHECK(outside.detail == "com is outside the zones");
  CHECK(ask(*backend, "badexample.com", "A").outcome == dns::Outcome::refused);
}

TEST_CASE("without SOA each $ORIGIN opens a zone, in one file or in several") {
  const TemporaryFile forward(
      "$ORIGIN example.com.\nmail A 192.0.2.25\n"
      "$ORIGIN 2.0.192.in-addr.arpa.\n25 PTR mail.example.com.\n");
  const TemporaryFile more("$ORIGIN example.com.\n@ MX 10 mail\n$ORIGIN example.net.\n@ TXT x\n");
  const auto made = dns::make_zone_backend({forward.path(), more.path()});
  REQUIRE(made);
  auto& backend = **made;
  CHECK(ask_line(backend, "mail.example.com", "A") == "answer: 192.0.2.25");
  CHECK(ask_line(backend, "25.2.0.192.in-addr.arpa", "PTR") == "answer: mail.example.com");
  CHECK(ask_line(backend, "26.2.0.192.in-addr.arpa", "PTR") == "nxdomain");
  CHECK(ask_line(backend, "example.com", "MX") == "answer: 10 mail.example.com");
  CHECK(ask_line(backend, "example.net", "TXT") == "answer: \"x\"");
  CHECK(ask_line(backend, "example.org", "TXT") == "refused");
  CHECK(ask(backend, "x.example.com", "A").ttl == 0);  // RFC 2308 section 5: no SOA, no caching
  CHECK(ask(backend, "example.org", "A").server == "zone:" + forward.path() + ", " + more.path());
}

TEST_CASE("the longest zone wins, over the delegation to it as well") {
  const TemporaryFile file(
      "$ORIGIN example.com.\n@ SOA a b 1 2 3 4 5\nsub NS ns.sub\n*  A 192.0.2.1\n"
      "$ORIGIN sub.example.com.\n@ SOA a b 1 2 3 4 5\nwww A 192.0.2.2\n");
  const auto backend = backend_of(file);
  CHECK(ask_line(*backend, "www.sub.example.com", "A") == "answer: 192.0.2.2");
  CHECK(ask_line(*backend, "other.sub.example.com", "A") == "nxdomain");
  CHECK(ask_line(*backend, "other.example.com", "A") == "answer: 192.0.2.1");
}

TEST_CASE("an $ORIGIN in a zone with SOA opens none") {
  const TemporaryFile file(
      "$ORIGIN .\nexample.com SOA a.example.com b.example.com 1 2 3 4 5\n"
      "$ORIGIN sub.example.com.\nwww NS ns.example.net.\n@ A 192.0.2.3\n"
      "$ORIGIN 2.0.192.in-addr.arpa.\n1 PTR example.com.\n");
  const auto backend = backend_of(file);
  CHECK(ask_line(*backend, "com", "A") == "refused");
  CHECK(ask_line(*backend, "sub.example.com", "A") == "answer: 192.0.2.3");
  CHECK(ask(*backend, "x.example.com", "A").ttl == 5);
  CHECK(ask(*backend, "x.sub.example.com", "A").ttl == 5);  // of example.com: one zone
  CHECK(ask_line(*backend, "1.2.0.192.in-addr.arpa", "PTR") == "answer: example.com");
}

TEST_CASE("equal records count once") {
  const TemporaryFile file("$ORIGIN example.com.\n@ MX 10 a\n@ MX 10 b\n@ MX 10 a\n");
  const auto backend = backend_of(file);
  CHECK(ask_line(*backend, "example.com", "MX") == "answer: 10 a.example.com, 10 b.example.com");
}

TEST_CASE("ANY is every record of the name") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  CHECK(ask_line(*backend, "mail.example.com", "ANY") == "answer: 192.0.2.25, 2001:db8::25");
  CHECK(ask_line(*backend, "www.example.com", "ANY") == "answer: web.example.com");
  CHECK(ask_line(*backend, "terminal.example.com", "ANY") == "nodata");
}

TEST_CASE("zones that contradict themselves are refused with the line") {
  CHECK(error_of("$ORIGIN example.com.\na CNAME b\na TXT x\n")
            .starts_with("3: a.example.com has a CNAME"));
  CHECK(error_of("$ORIGIN example.com.\na TXT x\na CNAME b\n")
            .starts_with("3: a.example.com has a CNAME"));
  CHECK(error_of("$ORIGIN example.com.\na CNAME b\na CNAME c\n")
            .starts_with("3: a.example.com has a CNAME"));
  CHECK(error_of("$ORIGIN e.\n@ SOA a b 1 2 3 4 5\n@ SOA a b 1 2 3 4 5\n") ==
        "3: a second SOA of e");
  CHECK(error_of("$ORIGIN example.com.\n@ SOA a b 1 2 3 4 5\n\nwww.example.net. A 192.0.2.1\n") ==
        "4: www.example.net is not below the $ORIGIN example.com");
}

TEST_CASE("files that cannot be read are named") {
  const auto missing = dns::make_zone_backend({"/nonexistent/zone"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::no_input);
  CHECK(missing.error().message == "/nonexistent/zone: No such file or directory");
  const auto directory = dns::make_zone_backend({"/"});
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == ErrorCode::no_input);
}

TEST_CASE("the default batch answers every question once") {
  const TemporaryFile file(example_zone);
  const auto backend = backend_of(file);
  std::vector<dns::Question> questions;
  for (int i = 0; i < 300; ++i) {
    questions.push_back(test::question("h" + std::to_string(i) + ".wild.example.com", "TXT"));
  }
  std::vector<int> seen(questions.size());
  auto work = [&]() -> Task<void> {
    co_await backend->ask_batch(questions, [&](std::size_t index, const dns::Answer& answer) {
      CHECK(answer.question == questions.at(index));
      CHECK(answer.found());
      ++seen.at(index);
    });
  };
  run_task(work());
  CHECK(std::ranges::all_of(seen, [](int count) { return count == 1; }));
}

TEST_CASE("time grows with the zone, not with its square") {
  // Many types and records at one name, and many names below one: what a list within a list would
  // take minutes for.
  std::string zone = "$ORIGIN example.com.\n";
  for (int i = 0; i < 20'000; ++i) {
    zone += "@ TXT \"" + std::to_string(i) + "\"\n";
    zone += "@ TYPE" + std::to_string(20'000 + i) + " \\# 1 00\n";
    zone += "a.b.c.d.e.f.n" + std::to_string(i) + " A 192.0.2.1\n";
  }
  const TemporaryFile file(zone);
  const auto begin = std::chrono::steady_clock::now();
  const auto backend = backend_of(file);
  CHECK(ask(*backend, "example.com", "TXT").records.size() == 20'000);
  CHECK(ask_line(*backend, "f.n7.example.com", "A") == "nodata");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}
