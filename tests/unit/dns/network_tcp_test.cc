#include <doctest/doctest.h>

#include "unit/dns/asking.h"

using namespace maildiag;
using namespace maildiag::dns;
using namespace maildiag::test;

TEST_CASE("truncated answers come over TCP") {
  FakeZone zone;
  zone.add_txt("big.example", std::vector<std::string>(200, std::string(250, 'x')));
  const FakeDnsServer server(zone);
  const auto answer = ask(server, "big.example", RecordType::txt);
  CHECK(answer.outcome == Outcome::answer);
  REQUIRE(answer.records.size() == 1);
  CHECK(std::get<TxtData>(answer.records[0].data).joined() == std::string(50'000, 'x'));
  const auto queries = server.queries();
  REQUIRE(queries.size() == 2);
  CHECK(queries[1].tcp);
}

TEST_CASE("datagrams above the offered size count as truncated") {
  FakeZone zone;
  zone.add_txt("big.example", std::vector<std::string>(20, std::string(250, 'x')));
  FakeDnsServer server(zone);
  server.limit_udp(60'000);
  CHECK(ask(server, "big.example", RecordType::txt).outcome == Outcome::answer);
  CHECK(server.queries().size() == 2);
}

TEST_CASE("what can go wrong over TCP") {
  using Delivery = FakeReply::Delivery;
  Outcome expected = Outcome::network_error;
  FakeReply over_tcp;
  over_tcp.answer("big.example", RecordType::a, "192.0.2.1");
  SUBCASE("closed without an answer") {
    over_tcp.deliver(Delivery::close);
  }
  SUBCASE("reset") {
    over_tcp.deliver(Delivery::reset);
  }
  SUBCASE("closed in the middle of the message") {
    over_tcp.deliver(Delivery::cut);
  }
  SUBCASE("silence") {
    over_tcp.deliver(Delivery::drop);
    expected = Outcome::timeout;
  }
  SUBCASE("another id") {
    over_tcp.forge_id();
    expected = Outcome::malformed;
  }
  SUBCASE("another opcode") {
    over_tcp.opcode(5);
    expected = Outcome::malformed;
  }
  SUBCASE("another question") {
    over_tcp.forge_question("other.example");
    expected = Outcome::malformed;
  }
  SUBCASE("truncated again") {
    over_tcp.truncated();
    expected = Outcome::malformed;
  }
  SUBCASE("an empty message") {
    over_tcp = FakeReply::bytes("");
    expected = Outcome::malformed;
  }
  const FakeDnsServer server(
      [&](const FakeQuery& query) { return query.tcp ? over_tcp : FakeReply().truncated(); });
  const auto answer = ask(hasty_options({server.address()}), "big.example", RecordType::a);
  CHECK(answer.outcome == expected);
  CHECK(answer.records.empty());
  CHECK_FALSE(answer.detail.empty());

  const FakeDnsServer other(FakeZone("big.example A 192.0.2.1"));
  const auto both =
      ask(hasty_options({server.address(), other.address()}), "big.example", RecordType::a);
  CHECK(both.outcome == Outcome::answer);
}
