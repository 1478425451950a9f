#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/task.h"
#include "dns/backends.h"
#include "support/fake_dns_server.h"

using namespace maildiag;
using namespace maildiag::dns;
using maildiag::test::FakeDnsServer;
using maildiag::test::FakeQuery;
using maildiag::test::FakeReply;

namespace {

using std::chrono::milliseconds;

std::vector<Question> numbered_questions(std::size_t count) {
  std::vector<Question> questions;
  for (std::size_t i = 0; i < count; ++i) {
    questions.push_back(
        {DomainName::parse(fmt::format("{}.list.example", i)).value(), RecordType::a});
  }
  return questions;
}

std::size_t number_of(const Question& question) {
  return std::stoul(question.name.labels().at(0));
}

/// Every tenth name is listed.
FakeReply list_reply(const FakeQuery& query) {
  FakeReply reply;
  if (number_of(query.question) % 10 != 0) return reply.rcode(3).soa("list.example");
  return reply.answer(query.question.name.to_string(), RecordType::a, "127.0.0.2");
}

NetworkOptions options_for(const FakeDnsServer& server) {
  NetworkOptions options;
  options.servers = {server.address()};
  options.timeout = milliseconds(100);
  return options;
}

std::vector<Answer> ask_all(const std::shared_ptr<Backend>& backend, std::size_t count) {
  std::vector<Answer> answers(count);
  std::vector<int> calls(count, 0);
  auto work = [&]() -> Task<void> {
    std::function<void(std::size_t, Answer)> keep = [&](std::size_t index, Answer answer) {
      ++calls.at(index);
      answers.at(index) = std::move(answer);
    };
    co_await backend->ask_batch(numbered_questions(count), std::move(keep));
  };
  run_task(work());
  CHECK(std::all_of(calls.begin(), calls.end(), [](int number) { return number == 1; }));
  return answers;
}

std::size_t count_listed(const std::vector<Answer>& answers) {
  std::size_t listed = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK(number_of(answers[i].question) == i);
    CHECK(answers[i].definite());
    if (answers[i].found()) ++listed;
  }
  return listed;
}

}  // namespace

TEST_CASE("a batch answers each question once") {
  const FakeDnsServer server(list_reply);
  auto options = options_for(server);
  options.timeout = milliseconds(5000);
  CHECK(count_listed(ask_all(make_network_backend(options), 3000)) == 300);
  // A late answer may be asked for again, with the same id.
  std::set<std::pair<std::string, unsigned>> asked;
  for (const auto& query : server.queries()) asked.emplace(query.question.name.key(), query.id);
  CHECK(asked.size() == 3000);
}

TEST_CASE("an empty batch ends at once") {
  const FakeDnsServer server(list_reply);
  CHECK(ask_all(make_network_backend(options_for(server)), 0).empty());
}

TEST_CASE("a batch loses nothing where packets are lost") {
  const FakeDnsServer server([](const FakeQuery& query) {
    if (query.earlier == 0 && number_of(query.question) % 7 == 0) return FakeReply::drop();
    return list_reply(query);
  });
  CHECK(count_listed(ask_all(make_network_backend(options_for(server)), 700)) == 70);
}

TEST_CASE("a packet that is lost before the round trip is known does not wait for its time-out") {
  const FakeDnsServer server([](const FakeQuery& query) {
    if (query.earlier == 0 && number_of(query.question) < 3) return FakeReply::drop();
    return list_reply(query);
  });
  auto options = options_for(server);
  options.timeout = std::chrono::seconds(20);
  const auto answers = ask_all(make_network_backend(options), 300);
  CHECK(count_listed(answers) == 30);
  for (const auto& answer : answers) CHECK(answer.elapsed < options.timeout);
}

TEST_CASE("no more than a window of questions is outstanding") {
  constexpr std::size_t window = 8;
  std::set<std::size_t> waiting;
  std::atomic<std::size_t> most = 0;
  const FakeDnsServer server([&](const FakeQuery& query) {
    waiting.insert(number_of(query.question));
    most = std::max<std::size_t>(most, waiting.size());
    // Answers come in rounds, so that a whole window piles up.
    if (waiting.size() == window || number_of(query.question) == 63) waiting.clear();
    return list_reply(query).delay(milliseconds(20));
  });
  auto options = options_for(server);
  options.window = window;
  CHECK(count_listed(ask_all(make_network_backend(options), 64)) == 7);
  CHECK(most == window);
}

TEST_CASE("names whose server is dead do not stop the others") {
  const FakeDnsServer server([](const FakeQuery& query) {
    if (number_of(query.question) % 2 == 0) return FakeReply::drop();
    return FakeReply(3).soa("list.example");
  });
  auto options = options_for(server);
  options.window = 16;
  options.timeout = milliseconds(20);
  options.tries = 1;
  const auto answers = ask_all(make_network_backend(options), 200);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK(answers[i].outcome == (i % 2 == 0 ? Outcome::timeout : Outcome::nxdomain));
  }
}

TEST_CASE("a batch at a server that is not there ends at once") {
  NetworkOptions options;
  {
    const FakeDnsServer closed(list_reply);
    options = options_for(closed);
  }
  options.timeout = milliseconds(2000);
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& answer : ask_all(make_network_backend(options), 1000)) {
    CHECK(answer.outcome == Outcome::network_error);
  }
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds(1500));
}

TEST_CASE(
    "a backend works on one event loop after the other, and single questions beside a batch") {
  const FakeDnsServer server(list_reply);
  const auto backend = make_network_backend(options_for(server));
  CHECK(count_listed(ask_all(backend, 50)) == 5);
  CHECK(count_listed(ask_all(backend, 50)) == 5);

  std::size_t before_single = 0;
  std::size_t answered = 0;
  auto batch = [&]() -> Task<void> {
    std::function<void(std::size_t, Answer)> count = [&](std::size_t, const Answer&) {
      ++answered;
    };
    co_await backend->ask_batch(numbered_questions(5000), std::move(count));
  };
  auto single = [&]() -> Task<void> {
    Question question{DomainName::parse("10.list.example").value(), RecordType::a};
    const auto answer = co_await backend->ask(std::move(question));
    CHECK(answer.found());
    before_single = answered;
  };
  auto both = [&]() -> Task<void> {
    std::function<Task<void>(std::size_t)> work = [&](std::size_t index) -> Task<void> {
      return index == 0 ? batch() : single();
    };
    co_await for_each_index(2, 2, work);
  };
  run_task(both());
  CHECK(answered == 5000);
  CHECK(before_single < 1000);
}

TEST_CASE("what the callback throws ends the batch and reaches its caller") {
  const FakeDnsServer server(list_reply);
  const auto backend = make_network_backend(options_for(server));
  std::size_t calls = 0;
  auto work = [&]() -> Task<void> {
    std::function<void(std::size_t, Answer)> done = [&](std::size_t, const Answer&) {
      if (++calls == 5) throw std::runtime_error("enough");
    };
    co_await backend->ask_batch(numbered_questions(2000), std::move(done));
  };
  CHECK_THROWS_WITH(run_task(work()), "enough");
  CHECK(calls == 5);
  CHECK(server.queries().size() < 1000);
}

TEST_CASE("a run ends with its last answer: no timer holds it") {
  const FakeDnsServer server(list_reply);
  auto options = options_for(server);
  options.timeout = milliseconds(5000);
  const auto begin = std::chrono::steady_clock::now();
  ask_all(make_network_backend(options), 10);
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds(1000));
}

TEST_CASE("ids and ports differ from question to question") {
  const FakeDnsServer server(list_reply);
  ask_all(make_network_backend(options_for(server)), 200);
  std::set<std::uint16_t> ids;
  for (const auto& query : server.queries()) ids.insert(query.id);
  CHECK(ids.size() > 190);
}
