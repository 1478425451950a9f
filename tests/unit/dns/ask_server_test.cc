#include "dns/ask_server.h"

#include <doctest/doctest.h>

#include "support/ask.h"
#include "support/fake_dns_server.h"

using namespace maildiag;
using namespace maildiag::dns;
using namespace maildiag::test;

namespace {

ServerQuestion to(const FakeDnsServer& server, std::string_view name, std::string_view type) {
  ServerQuestion asked;
  asked.server = server.address();
  asked.question = question(name, type);
  asked.timeout = std::chrono::milliseconds(2000);
  return asked;
}

ServerReply ask(ServerQuestion asked) {
  ServerReply reply;
  const auto work = [&]() -> Task<void> { reply = co_await ask_server(std::move(asked)); };
  run_task(work());
  return reply;
}

}  // namespace

TEST_CASE("an answer is shown as it came") {
  const FakeDnsServer server([](const FakeQuery&) {
    return FakeReply()
        .answer("example.com", RecordType::ns, "ns1.example.com")
        .authority("example.com", RecordType::ns, "ns2.example.com");
  });
  const auto reply = ask(to(server, "example.com", "NS"));
  CHECK(reply.outcome == Outcome::answer);
  CHECK(reply.came());
  CHECK(reply.authoritative);
  CHECK(!reply.truncated);
  CHECK(reply.edns);
  CHECK(reply.octets > 12);
  REQUIRE(reply.answers.size() == 1);
  CHECK(rdata_text(reply.answers[0]) == "ns1.example.com");
  REQUIRE(reply.authorities.size() == 1);
  CHECK(reply.elapsed.count() > 0);
  const auto queries = server.queries();
  REQUIRE(queries.size() == 1);
  CHECK(queries[0].edns);
  CHECK((queries[0].wire[2] & 1) == 0);  // no recursion desired
}

TEST_CASE("EDNS and recursion are asked for as told") {
  const FakeDnsServer server(FakeZone("example.com A 192.0.2.1"));
  auto asked = to(server, "example.com", "A");
  asked.edns = false;
  asked.recursion = true;
  const auto reply = ask(asked);
  CHECK(reply.outcome == Outcome::answer);
  CHECK(!reply.edns);
  const auto queries = server.queries();
  REQUIRE(queries.size() == 1);
  CHECK(!queries[0].edns);
  CHECK((queries[0].wire[2] & 1) == 1);
}

TEST_CASE("a server is asked from the address that is told, over UDP and TCP") {
  const FakeDnsServer server(FakeZone("example.com A 192.0.2.1"));
  for (const bool tcp : {false, true}) {
    auto asked = to(server, "example.com", "A");
    asked.tcp = tcp;
    asked.tries = 1;
    asked.source = IpAddress::parse("127.0.0.9");
    CHECK(ask(asked).outcome == Outcome::answer);
    asked.source = IpAddress::parse("192.0.2.1");  // documentation's: nobody has it
    const auto reply = ask(asked);
    CHECK(reply.outcome == Outcome::network_error);
    CHECK(reply.error == std::errc::address_not_available);
  }
}

TEST_CASE("a large answer is truncated over UDP and whole over TCP") {
  FakeZone zone;
  zone.add_txt("big.example", std::vector<std::string>(6, std::string(250, 'x')));
  const FakeDnsServer server(zone);
  auto asked = to(server, "big.example", "TXT");
  asked.edns = false;
  const auto cut = ask(asked);
  CHECK(cut.came());
  CHECK(cut.truncated);
  CHECK(cut.octets <= 512);
  asked.tcp = true;
  const auto whole = ask(asked);
  CHECK(whole.outcome == Outcome::answer);
  CHECK(!whole.truncated);
  CHECK(whole.octets > 1500);
}

TEST_CASE("refusals are answers") {
  for (const auto& [rcode, outcome] :
       {std::pair{1, Outcome::other_rcode}, std::pair{2, Outcome::servfail},
        std::pair{3, Outcome::nxdomain}, std::pair{5, Outcome::refused}}) {
    const FakeDnsServer server([code = rcode](const FakeQuery&) { return FakeReply(code); });
    const auto reply = ask(to(server, "example.com", "SOA"));
    CHECK(reply.outcome == outcome);
    CHECK(reply.rcode == rcode);
  }
  const FakeDnsServer server([](const FakeQuery&) { return FakeReply(1).without_question(); });
  CHECK(ask(to(server, "example.com", "SOA")).rcode == 1);
}

TEST_CASE("silence is a time-out, after the second try") {
  const FakeDnsServer server([](const FakeQuery&) { return FakeReply::drop(); });
  auto asked = to(server, "example.com", "A");
  asked.timeout = std::chrono::milliseconds(30);
  const auto reply = ask(asked);
  CHECK(reply.outcome == Outcome::timeout);
  CHECK(!reply.came());
  CHECK(server.queries().size() == 2);
  asked.tcp = true;
  CHECK(ask(asked).outcome == Outcome::timeout);
}

TEST_CASE("a port without a server refuses") {
  ServerQuestion asked;
  {
    const FakeDnsServer server(FakeZone("example.com A 192.0.2.1"));
    asked = to(server, "example.com", "A");
  }
  const auto udp = ask(asked);
  CHECK(udp.outcome == Outcome::network_error);
  CHECK(udp.error == std::errc::connection_refused);
  asked.tcp = true;
  const auto tcp = ask(asked);
  CHECK(tcp.outcome == Outcome::network_error);
  CHECK(tcp.error == std::errc::connection_refused);
}

TEST_CASE("what belongs to another question is passed over") {
  const FakeDnsServer server([](const FakeQuery&) {
    auto reply = FakeReply().answer("example.com", RecordType::a, "192.0.2.1");
    reply.after(FakeReply().answer("example.com", RecordType::a, "192.0.2.66").forge_id());
    reply.after(FakeReply()
                    .answer("example.com", RecordType::a, "192.0.2.67")
                    .forge_question("example.net"));
    return reply;
  });
  const auto reply = ask(to(server, "example.com", "A"));
  REQUIRE(reply.answers.size() == 1);
  CHECK(rdata_text(reply.answers[0]) == "192.0.2.1");
}

TEST_CASE("NXDOMAIN with records of the asked type is no answer, and they are shown") {
  const FakeDnsServer server([](const FakeQuery&) {
    return FakeReply(3).answer("example.com", RecordType::a, "127.0.0.2");
  });
  const auto reply = ask(to(server, "example.com", "A"));
  CHECK(reply.outcome == Outcome::malformed);
  CHECK(!reply.detail.empty());
  CHECK(reply.rcode == 3);
  CHECK(reply.answers.size() == 1);
  CHECK(ask(to(server, "example.com", "MX")).outcome == Outcome::nxdomain);
}

TEST_CASE("rubbish is malformed, not an answer") {
  const FakeDnsServer server([](const FakeQuery& query) {
    auto packet = FakeReply().answer("example.com", RecordType::a, "192.0.2.1").encode(query);
    packet.resize(packet.size() - 3);
    return FakeReply::bytes(packet);
  });
  const auto reply = ask(to(server, "example.com", "A"));
  CHECK(reply.outcome == Outcome::malformed);
  CHECK(!reply.detail.empty());
  CHECK(reply.answers.empty());
}

namespace {

// So many that they are all small by chance once in 2^24 runs.
constexpr const char* letters_of_a_name = "one.name.among.others.example.com";

/// As from a server that writes the question anew, in small letters, or from a forger.
FakeReply in_small_letters(const FakeQuery& query, const char* address) {
  auto text = query.question.name.to_string();
  for (auto& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 0x20 : c);
  return FakeReply().answer(letters_of_a_name, RecordType::a, address).forge_question(text);
}

}  // namespace

TEST_CASE("an answer with only the letters wrong is asked for over TCP, then as it was asked") {
  std::string over_tcp = "192.0.2.1";
  std::size_t queries = 2;
  SUBCASE("TCP has the true answer") {}
  SUBCASE("without TCP the server is believed when it has nothing to spell otherwise") {
    over_tcp.clear();
    queries = 7;
  }
  const FakeDnsServer server([&](const FakeQuery& query) {
    if (!query.tcp && query.earlier < queries - 1) return in_small_letters(query, "6.6.6.6");
    if (!query.tcp) return in_small_letters(query, "192.0.2.1");
    if (over_tcp.empty()) return FakeReply().deliver(FakeReply::Delivery::reset);
    return in_small_letters(query, over_tcp.c_str());
  });
  const auto reply = ask(to(server, letters_of_a_name, "A"));
  CHECK(reply.outcome == Outcome::answer);
  REQUIRE(reply.answers.size() == 1);
  CHECK(rdata_text(reply.answers[0]) == "192.0.2.1");
  CHECK(reply.answers[0].name.to_string() == letters_of_a_name);
  CHECK(server.queries().size() == queries);
}

TEST_CASE("one forged answer does not bring a name without its mixed letters") {
  const FakeDnsServer server([](const FakeQuery& query) {
    if (query.tcp) return FakeReply().deliver(FakeReply::Delivery::reset);
    if (query.earlier == 0) return in_small_letters(query, "6.6.6.6");
    return FakeReply().answer(letters_of_a_name, RecordType::a, "192.0.2.1");
  });
  const auto reply = ask(to(server, letters_of_a_name, "A"));
  CHECK(reply.outcome == Outcome::answer);
  const auto queries = server.queries();
  REQUIRE(queries.size() == 3);
  CHECK(queries[2].question.name.to_string() != letters_of_a_name);
}

TEST_CASE("a header alone does not say that a name does not exist") {
  const FakeDnsServer server([](const FakeQuery& query) {
    if (query.earlier == 0) return FakeReply(3).without_question();
    return FakeReply().answer("example.com", RecordType::a, "192.0.2.1");
  });
  auto asked = to(server, "example.com", "A");
  asked.timeout = std::chrono::milliseconds(60);
  CHECK(ask(asked).outcome == Outcome::answer);
}
