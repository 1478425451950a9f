#include "checks/author.h"

#include <doctest/doctest.h>

namespace maildiag::checks {
namespace {

/// "alice@example.com -> example.com", joined by "; "; "!" in front where the grammar is broken.
std::string read(std::string_view value) {
  const auto list = parse_mailboxes(value);
  std::string text = list.valid ? "" : "!";
  for (const auto& mailbox : list.mailboxes) {
    if (text.size() > 1) text += "; ";
    text += mailbox.address + " -> " + (mailbox.domain ? mailbox.domain->to_string() : "-");
  }
  return text;
}

TEST_CASE("mailboxes of every form that RFC 5322 knows") {
  CHECK(read(" alice@example.com") == "alice@example.com -> example.com");
  CHECK(read("Alice <alice@example.com>") == "alice@example.com -> example.com");
  CHECK(read("\"Doe, A. (x) <y@z.example>\" <a@example.com>") == "a@example.com -> example.com");
  CHECK(read("(a (nested) comment) a@example.com (b@other.example)") ==
        "a@example.com -> example.com");
  CHECK(read("a@(here)example.com") == "a@example.com -> example.com");
  CHECK(read("\"a b\"@example.com") == "\"a b\"@example.com -> example.com");
  CHECK(read("a . b @ example . com") == "a.b@example.com -> example.com");
  CHECK(read("<@relay.example,@other.example:a@example.com>") == "a@example.com -> example.com");
  CHECK(read("a@[192.0.2.1]") == "a@[192.0.2.1] -> -");
  CHECK(read("a@Example.COM.") == "a@Example.COM. -> Example.COM");
  CHECK(read("=?utf-8?q?Alice=40evil.example?= <a@example.com>") == "a@example.com -> example.com");
}

TEST_CASE("several mailboxes, and groups (RFC 6854)") {
  CHECK(read("a@a.example, B <b@b.example>") ==
        "a@a.example -> a.example; b@b.example -> b.example");
  CHECK(read(", a@a.example,,") == "a@a.example -> a.example");
  CHECK(read("Team: a@a.example, b@b.example;") ==
        "a@a.example -> a.example; b@b.example -> b.example");
  CHECK(read("Nobody:;") == "");
  CHECK(read("Nobody:; , a@a.example") == "a@a.example -> a.example");
}

TEST_CASE("UTF-8 addresses: the domain becomes A-labels") {
  CHECK(read("홍길동 <길동@한국.example>") == "길동@한국.example -> xn--3e0b707e.example");
  CHECK(read("a@b\xc3\xbc"
             "cher.example") ==
        "a@b\xc3\xbc"
        "cher.example -> xn--bcher-kva.example");
}

TEST_CASE("what is broken is said, and read as mail programs show it") {
  CHECK(read("") == "!");
  CHECK(read("Alice") == "!");
  CHECK(read("alice@") == "!alice@ -> -");
  CHECK(read("@example.com") == "!@example.com -> example.com");
  CHECK(read("a@b@example.com") == "!b@example.com -> example.com");
  CHECK(read("friend@bank.example <thief@evil.example>") == "!thief@evil.example -> evil.example");
  CHECK(read("Alice <alice@example.com") == "!alice@example.com -> example.com");
  CHECK(read("Alice alice@example.com") == "!alice@example.com -> example.com");
  CHECK(read("a@example.com b.example") == "!a@example.com -> example.com");
  CHECK(read("a@exa mple.com") == "!a@exa -> exa");
  CHECK(read("a@example..com") == "!a@example..com -> -");
  CHECK(read("\"a@example.com") == "!");
  CHECK(read("(a@example.com") == "!");
  CHECK(read("Team: a@a.example") == "!a@a.example -> a.example");
  CHECK(read("a@a.example;") == "!a@a.example -> a.example");
}

TEST_CASE("a hostile field costs no more than its length") {
  CHECK(parse_mailboxes(std::string(200'000, '(')).mailboxes.empty());
  CHECK(parse_mailboxes(std::string(200'000, '<')).mailboxes.empty());
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "a@example.com,";
  CHECK(parse_mailboxes(many).mailboxes.size() == max_mailboxes);
}

TEST_CASE("authors: distinct domains over all From fields") {
  const auto authors = read_authors({"a@example.com, b@EXAMPLE.com", "c@other.example"});
  CHECK(authors.fields == 2);
  CHECK(authors.valid);
  CHECK(authors.mailboxes.size() == 3);
  REQUIRE(authors.domains.size() == 2);
  CHECK(authors.domains[1].to_string() == "other.example");
  CHECK(read_authors({}).domains.empty());
}

}  // namespace
}  // namespace maildiag::checks
