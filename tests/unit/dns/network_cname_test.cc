#include <doctest/doctest.h>

#include "unit/dns/asking.h"

using namespace maildiag;
using namespace maildiag::dns;
using namespace maildiag::test;

TEST_CASE("CNAMEs are followed within an answer") {
  const FakeDnsServer server(
      FakeZone("www.example CNAME a.example.\n"
               "a.example CNAME b.example.\n"
               "b.example A 192.0.2.3\n"
               "dead.example CNAME nothing.example."));
  const auto answer = ask(server, "www.example", RecordType::a);
  CHECK(answer.outcome == Outcome::answer);
  CHECK(answer.cname_chain == std::vector{name("a.example"), name("b.example")});
  REQUIRE(answer.records.size() == 1);
  CHECK(answer.records[0].name == name("b.example"));

  const auto dangling = ask(server, "dead.example", RecordType::a);
  CHECK(dangling.outcome == Outcome::nxdomain);
  CHECK(dangling.cname_chain == std::vector{name("nothing.example")});

  const auto nodata = ask(server, "www.example", RecordType::mx);
  CHECK(nodata.outcome == Outcome::nodata);
  CHECK(nodata.cname_chain.size() == 2);

  const auto alias = ask(server, "www.example", RecordType::cname);
  CHECK(alias.outcome == Outcome::answer);
  CHECK(alias.cname_chain.empty());
  CHECK(rdata_text(alias.records.at(0)) == "a.example");
}

TEST_CASE("CNAMEs that lead out of an answer are asked on") {
  const FakeDnsServer server([](const FakeQuery& query) {
    FakeReply reply;
    if (query.question.name == name("www.example")) {
      return reply.answer("www.example", RecordType::cname, "host.test.", 40);
    }
    return reply.answer("host.test", RecordType::a, "192.0.2.3", 50);
  });
  const auto answer = ask(server, "www.example", RecordType::a);
  CHECK(answer.outcome == Outcome::answer);
  CHECK(answer.question.name == name("www.example"));
  CHECK(answer.cname_chain == std::vector{name("host.test")});
  CHECK(answer.ttl == 40);
  CHECK(server.queries().size() == 2);
}

TEST_CASE("CNAME loops and chains without an end fail with a reason") {
  SUBCASE("a loop within one answer") {
    const FakeDnsServer server([](const FakeQuery&) {
      return FakeReply()
          .answer("a.example", RecordType::cname, "b.example.")
          .answer("b.example", RecordType::cname, "a.example.");
    });
    const auto answer = ask(server, "a.example", RecordType::a);
    CHECK(answer.outcome == Outcome::servfail);
    CHECK(answer.detail.find("CNAME loop") != std::string::npos);
  }
  SUBCASE("a loop over several answers") {
    const FakeDnsServer server([](const FakeQuery& query) {
      const bool first = query.question.name == name("a.example");
      return FakeReply().answer(first ? "a.example" : "b.example", RecordType::cname,
                                first ? "b.example." : "a.example.");
    });
    const auto answer = ask(server, "a.example", RecordType::a);
    CHECK(answer.outcome == Outcome::servfail);
    CHECK(answer.detail == "CNAME loop");
    CHECK(server.queries().size() == 2);
  }
  SUBCASE("always another name") {
    const FakeDnsServer server([](const FakeQuery& query) {
      const auto asked = query.question.name.to_string();
      return FakeReply().answer(asked, RecordType::cname, "x" + asked + ".");
    });
    const auto answer = ask(server, "a.example", RecordType::a);
    CHECK(answer.outcome == Outcome::servfail);
    CHECK(answer.detail == "too many CNAMEs");
    CHECK(server.queries().size() == 11);
  }
}
