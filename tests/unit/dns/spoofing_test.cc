// What a forger who does not see our questions has to guess: the letters of the name, the id, the
// port.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "dns/letter_case.h"
#include "unit/dns/asking.h"

using namespace maildiag;
using namespace maildiag::dns;
using namespace maildiag::test;

namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

FakeReply address_of(const FakeQuery& query, const char* address) {
  return FakeReply().answer(query.question.name.to_string(), RecordType::a, address);
}

/// As from a server that writes the question anew, in small letters. A name of twenty letters is
/// asked in small ones by chance once in 2^20 runs.
FakeReply in_small_letters(const FakeQuery& query, const char* address) {
  auto reply = address_of(query, address);
  return reply.forge_question(lower_case(query.question.name.to_string()));
}

std::size_t count_tcp(const std::vector<FakeQuery>& queries) {
  return static_cast<std::size_t>(std::count_if(queries.begin(), queries.end(),
                                                [](const FakeQuery& query) { return query.tcp; }));
}

/// Asks for each of the names after the other on one backend.
std::vector<Answer> ask_all(const NetworkOptions& options, const std::vector<std::string>& names) {
  const auto backend = make_network_backend(options);
  std::vector<Answer> answers;
  auto work = [&]() -> Task<void> {
    for (const auto& text : names) {
      Question question{name(text), RecordType::a};
      answers.push_back(co_await backend->ask(std::move(question)));
    }
  };
  run_task(work());
  return answers;
}

/// Chi-square of octets over 16 equal bins. With 15 degrees of freedom, chance alone exceeds 90
/// once in 10^12 runs.
double chi_square(const std::vector<unsigned>& nibbles) {
  std::array<double, 16> counts{};
  for (const auto nibble : nibbles) ++counts.at(nibble);
  const double expected = static_cast<double>(nibbles.size()) / 16;
  double sum = 0;
  for (const auto count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}
constexpr double far_beyond_chance = 90;

}  // namespace

TEST_CASE("only letters change their case, each of them independently") {
  RandomSource random;
  std::string labels;
  for (int octet = 0; octet < 256; ++octet) {
    if (octet % 50 == 0) labels += static_cast<char>(octet < 250 ? 50 : 6);
    labels += static_cast<char>(octet);
  }
  for (const std::size_t start : {std::size_t{0}, std::size_t{51}, std::size_t{102}}) {
    const auto wire = labels.substr(start, 153) + '\0';
    CHECK(LetterCase().spell(wire).view() == wire);
    for (int round = 0; round < 20; ++round) {
      const auto spelt = std::string(LetterCase(random).spell(wire).view());
      REQUIRE(spelt.size() == wire.size());
      for (std::size_t i = 0; i < wire.size(); ++i) {
        const auto octet = static_cast<unsigned char>(wire[i]);
        const bool letter = octet < 128 && std::isalpha(octet) != 0;
        CHECK((spelt[i] == wire[i] || (letter && spelt[i] == static_cast<char>(octet ^ 0x20U))));
      }
    }
  }
  // 64 letters are 64 bits: any two of them agree in half of the spellings.
  const std::string wire = '\x3f' + std::string(63, 'x') + '\0';
  constexpr int rounds = 2000;
  std::array<int, 64> large{};
  std::array<int, 64> like_next{};
  for (int round = 0; round < rounds; ++round) {
    const LetterCase letters(random);
    const auto spelling = letters.spell(wire);
    for (std::size_t i = 1; i < 64; ++i) {
      if (spelling.view()[i] == 'X') ++large.at(i);
      if (spelling.view()[i] == spelling.view()[i % 63 + 1]) ++like_next.at(i);
    }
  }
  for (std::size_t i = 1; i < 64; ++i) {  // 9 standard deviations
    CHECK(std::abs(large.at(i) - rounds / 2) < 200);
    CHECK(std::abs(like_next.at(i) - rounds / 2) < 200);
  }
}

TEST_CASE("an answer with only the letters wrong is not believed but asked for over TCP") {
  const FakeDnsServer server([](const FakeQuery& query) {
    return query.tcp ? address_of(query, "192.0.2.1") : in_small_letters(query, "6.6.6.6");
  });
  const auto answers =
      ask_all(patient_options({server.address()}),
              {"victim.name.among.others.example", "other.name.among.others.example"});
  for (const auto& answer : answers) {
    REQUIRE(answer.records.size() == 1);
    CHECK(rdata_text(answer.records[0]) == "192.0.2.1");
  }
  // The server does keep the letters where it cannot be forged, so they go on being mixed.
  CHECK(server.queries().size() == 4);
  CHECK(count_tcp(server.queries()) == 2);
}

TEST_CASE("a server that does not keep the letters is asked over TCP once") {
  const FakeDnsServer server(
      [](const FakeQuery& query) { return in_small_letters(query, "192.0.2.1"); });
  const auto answers =
      ask_all(patient_options({server.address()}),
              {"one.name.among.others.example", "two.name.among.others.example",
               "Three.Name.Among.Others.Example", "four.name.among.others.example"});
  for (const auto& answer : answers) CHECK(answer.outcome == Outcome::answer);
  const auto queries = server.queries();
  REQUIRE(queries.size() == 5);
  CHECK(count_tcp(queries) == 1);
  CHECK(queries[3].question.name.to_string() == "Three.Name.Among.Others.Example");
}

TEST_CASE("a server without TCP that does not keep the letters is found out in the end") {
  auto delivery = FakeReply::Delivery::close;
  SUBCASE("it closes the connection") {}
  SUBCASE("it resets it") {
    delivery = FakeReply::Delivery::reset;
  }
  auto timeout = milliseconds(500);
  SUBCASE("it keeps silent there") {
    delivery = FakeReply::Delivery::drop;
    timeout = milliseconds(60);
  }
  const FakeDnsServer server([&](const FakeQuery& query) {
    auto reply = in_small_letters(query, "192.0.2.1");
    return query.tcp ? reply.deliver(delivery) : reply;
  });
  auto options = hasty_options({server.address()});
  options.timeout = timeout;
  const auto answers =
      ask_all(options, {"one.name.among.others.example", "two.name.among.others.example",
                        "three.name.among.others.example", "four.name.among.others.example"});
  for (const auto& answer : answers) {
    CHECK(answer.outcome == Outcome::answer);
    CHECK(answer.question.name.to_string().find_first_of("ONETWHRFU") == std::string::npos);
  }
  // On a busy machine a question may be late as well, and have its last try without a loss.
  CHECK(count_tcp(server.queries()) >= 1);
  CHECK(count_tcp(server.queries()) <= 3);
}

TEST_CASE(
    "a server that loses the letters over UDP and does not answer over TCP is asked plainly") {
  std::function<FakeReply(FakeReply)> over_tcp;
  SUBCASE("it refuses there") {
    over_tcp = [](const FakeReply&) { return FakeReply(5); };
  }
  SUBCASE("it fails there") {
    over_tcp = [](const FakeReply&) { return FakeReply(2); };
  }
  SUBCASE("it answers another question there") {
    over_tcp = [](FakeReply reply) { return reply.forge_question("other.example"); };
  }
  SUBCASE("it answers with another id there") {
    over_tcp = [](FakeReply reply) { return reply.forge_id(); };
  }
  SUBCASE("it truncates there") {
    over_tcp = [](FakeReply reply) { return reply.truncated(); };
  }
  const FakeDnsServer server([&](const FakeQuery& query) {
    const auto reply = in_small_letters(query, "192.0.2.1");
    return query.tcp ? over_tcp(reply) : reply;
  });
  const auto answers =
      ask_all(patient_options({server.address()}),
              {"one.name.among.others.example", "two.name.among.others.example",
               "three.name.among.others.example", "four.name.among.others.example"});
  for (const auto& answer : answers) CHECK(answer.outcome == Outcome::answer);
  CHECK(count_tcp(server.queries()) == 3);
}

TEST_CASE("a server that refuses with other letters, then over TCP, is believed") {
  const FakeDnsServer server([](const FakeQuery& query) {
    return query.tcp ? FakeReply(5) : in_small_letters(query, "192.0.2.1").rcode(5);
  });
  const auto answer = ask(server, "one.name.among.others.example", RecordType::a);
  CHECK(answer.outcome == Outcome::refused);
  CHECK(answer.records.empty());
}

TEST_CASE("nothing but forged letters is no answer while the true server is silent over TCP") {
  const FakeDnsServer server([](const FakeQuery& query) {
    // The forger guesses id and port each time; of the question he knows all but the letters. The
    // last try has none, and there he keeps silent.
    if (query.tcp || !query.edns) return FakeReply::drop();
    return in_small_letters(query, "6.6.6.6");
  });
  auto options = hasty_options({server.address()});
  options.timeout = milliseconds(500);
  const auto answer = ask(options, "victim.name.among.others.example", RecordType::a);
  CHECK_FALSE(answer.definite());
  CHECK(answer.records.empty());
  CHECK(answer.detail.find("other letters in the question") != std::string::npos);
}

TEST_CASE("names stand in answers as they were asked, however they are written there") {
  const FakeDnsServer server([](const FakeQuery& query) {
    if (query.question.type == RecordType::a) return address_of(query, "192.0.2.1");
    // The question as it came, then an MX record whose owner, and the end of whose exchange,
    // point there.
    const auto question = query.wire.substr(12, query.question.name.wire().size() + 4);
    return FakeReply::bytes(std::string("\0\0\x84\0\0\1\0\1\0\0\0\0", 12) + question +
                                std::string("\xc0\x0c\0\x0f\0\1\0\0\1\x2c\0\x09\0\x0a", 14) +
                                std::string("\4mail\xc0\x0c", 7),
                            true);
  });
  for (int round = 0; round < 8; ++round) {
    const auto mx = ask(server, "Some.Name.example", RecordType::mx);
    REQUIRE(mx.records.size() == 1);
    CHECK(mx.question.name.to_string() == "Some.Name.example");
    CHECK(mx.records[0].name.to_string() == "Some.Name.example");
    CHECK(rdata_text(mx.records[0]) == "10 mail.Some.Name.example");
    const auto uncompressed = ask(server, "Some.Name.example", RecordType::a);
    REQUIRE(uncompressed.records.size() == 1);
    CHECK(uncompressed.records[0].name.to_string() == "Some.Name.example");
  }
  std::set<std::string> spellings;
  for (const auto& query : server.queries()) spellings.insert(query.question.name.to_string());
  CHECK(spellings.size() > 8);  // of 16 questions with 2^15 spellings
}

TEST_CASE("ids, letters and ports cannot be foretold from those before") {
  constexpr std::size_t total = 5000;
  const FakeDnsServer server([](const FakeQuery&) { return FakeReply(3).soa("example"); });
  const auto backend = make_network_backend(patient_options({server.address()}));
  std::vector<Question> questions;
  for (std::size_t i = 0; i < total; ++i) {
    questions.push_back({name(std::to_string(i) + ".abcdefgh.example"), RecordType::a});
  }
  std::size_t answered = 0;
  std::function<void(std::size_t, Answer)> count = [&](std::size_t, const Answer& answer) {
    if (answer.outcome == Outcome::nxdomain) ++answered;
  };
  auto work = [&]() -> Task<void> {
    co_await backend->ask_batch(std::move(questions), std::move(count));
  };
  run_task(work());
  CHECK(answered == total);

  std::array<std::vector<unsigned>, 4> nibbles;
  std::map<int, std::size_t> steps;
  std::map<std::uint16_t, std::size_t> ports;
  std::size_t large = 0, letters = 0;
  std::uint16_t before = 0;
  for (const auto& query : server.queries()) {
    for (unsigned i = 0; i < 4; ++i) nibbles.at(i).push_back(query.id >> 4 * i & 15U);
    ++steps[query.id - before];
    before = query.id;
    ++ports[query.port];
    for (const auto octet : query.question.name.to_string()) {
      large += octet >= 'A' && octet <= 'Z' ? 1 : 0;
      letters += (octet | 0x20) >= 'a' && (octet | 0x20) <= 'z' ? 1 : 0;
    }
  }
  for (const auto& column : nibbles) CHECK(chi_square(column) < far_beyond_chance);
  for (const auto& [step, times] : steps) CHECK(times < 10);
  CHECK(letters >= total * 15);
  CHECK(std::abs(static_cast<double>(large) / static_cast<double>(letters) - 0.5) < 0.02);
  // Four at a time; each is given up after 1,000 questions.
  CHECK(ports.size() >= 5);
}

TEST_CASE("ports go on changing while some questions stay unanswered") {
  constexpr std::size_t total = 12'000;
  const FakeDnsServer server([](const FakeQuery& query) {
    return query.question.name.wire()[1] == '-' ? FakeReply::drop() : FakeReply(3).soa("example");
  });
  // One try only: 12,000 questions never need more than the sixteen ports that may be open at once.
  auto options = patient_options({server.address()});
  options.tries = 0;
  options.timeout = milliseconds(500);
  const auto backend = make_network_backend(options);
  std::vector<Question> questions;
  for (std::size_t i = 0; i < total; ++i) {
    questions.push_back({name((i % 100 == 0 ? "-" : "") + std::to_string(i)), RecordType::a});
  }
  std::size_t ended = 0;
  std::function<void(std::size_t, Answer)> count = [&](std::size_t, const Answer&) { ++ended; };
  auto work = [&]() -> Task<void> {
    co_await backend->ask_batch(std::move(questions), std::move(count));
  };
  run_task(work());
  CHECK(ended == total);

  std::map<std::uint16_t, std::set<std::uint64_t>> asked;
  for (const auto& query : server.queries()) {
    const auto text = query.question.name.to_string();  // a late question comes twice
    asked[query.port].insert(std::stoul(text.substr(text.front() == '-' ? 1 : 0)));
  }
  CHECK(asked.size() >= total / 1000);
  for (const auto& [port, names] : asked) CHECK(names.size() <= 1000);
}
