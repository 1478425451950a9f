#include "dns/resolver.h"

#include <map>
#include <stdexcept>

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "dns/answer_cache.h"
#include "dns/codec.h"

using namespace maildiag;
using namespace maildiag::dns;

namespace {

using std::chrono::milliseconds;

DomainName name(std::string_view text) {
  return DomainName::parse(text).value();
}

Answer answer_to(const Question& question, Outcome outcome, std::uint32_t ttl) {
  Answer answer;
  answer.question = question;
  answer.outcome = outcome;
  answer.ttl = ttl;
  if (outcome == Outcome::answer) {
    answer.records = {parse_record(question.name, RecordType::a, ttl, "192.0.2.1").value()};
  }
  return answer;
}

/// Answers after a while; the name's first label says how.
class SlowBackend : public Backend {
 public:
  Task<Answer> ask(Question question) override {
    ++asked[question.name];
    asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(5));
    co_await timer.async_wait(asio::use_awaitable);
    if (fails > 0) {
      --fails;
      throw std::runtime_error("broken");
    }
    co_return answer_to(question, outcome, ttl);
  }

  std::map<DomainName, int> asked;
  Outcome outcome = Outcome::answer;
  std::uint32_t ttl = 300;
  int fails = 0;
};

std::vector<Answer> query_together(Resolver& resolver, const std::vector<std::string>& names) {
  std::vector<Answer> answers(names.size());
  auto work = [&]() -> Task<void> {
    std::function<Task<void>(std::size_t)> one = [&](std::size_t index) -> Task<void> {
      auto asked = name(names[index]);
      answers[index] = co_await resolver.query(std::move(asked), RecordType::a);
    };
    co_await for_each_index(names.size(), names.size(), one);
  };
  run_task(work());
  return answers;
}

}  // namespace

TEST_CASE("identical questions in flight are asked once, whatever their case") {
  const auto backend = std::make_shared<SlowBackend>();
  Resolver resolver(backend);
  const auto answers =
      query_together(resolver, {"a.example", "A.Example", "b.example", "a.example"});
  CHECK(backend->asked[name("a.example")] == 1);
  CHECK(backend->asked[name("b.example")] == 1);
  for (const auto& answer : answers) CHECK(answer.found());
  CHECK(answers[1].question.name.to_string() == "A.Example");
}

TEST_CASE("definite answers are kept, others are not") {
  const auto backend = std::make_shared<SlowBackend>();
  Resolver resolver(backend);
  bool kept = true;
  SUBCASE("answer") {
    backend->outcome = Outcome::answer;
  }
  SUBCASE("nodata") {
    backend->outcome = Outcome::nodata;
  }
  SUBCASE("nxdomain") {
    backend->outcome = Outcome::nxdomain;
  }
  SUBCASE("a TTL of zero") {
    backend->ttl = 0;
    kept = false;
  }
  SUBCASE("servfail") {
    backend->outcome = Outcome::servfail;
    kept = false;
  }
  SUBCASE("timeout") {
    backend->outcome = Outcome::timeout;
    kept = false;
  }
  CHECK_FALSE(query_together(resolver, {"a.example"})[0].from_cache);
  const auto second = query_together(resolver, {"a.example"})[0];
  CHECK(second.outcome == backend->outcome);
  CHECK(second.from_cache == kept);
  CHECK(backend->asked[name("a.example")] == (kept ? 1 : 2));
}

TEST_CASE("when the one who asked fails, those who waited ask themselves") {
  const auto backend = std::make_shared<SlowBackend>();
  backend->fails = 1;
  Resolver resolver(backend);
  CHECK_THROWS_WITH(query_together(resolver, {"a.example", "a.example", "a.example"}), "broken");
  CHECK(backend->asked[name("a.example")] == 2);
  CHECK(query_together(resolver, {"a.example"})[0].found());
}

namespace {

/// Asks as many times as it is told, and again for each of the first answers.
struct CountingStream : dns::QuestionStream {
  int left = 0, again = 0, answered = 0;
  bool stop = false;

  std::optional<Numbered> next() override {
    if (left == 0) return std::nullopt;
    --left;
    return Numbered{{name("a.example"), RecordType::a}, static_cast<std::uint64_t>(left)};
  }
  void done(std::uint64_t, Answer answer) override {
    answered += answer.found() ? 1 : 100;
    if (again > 0) {
      --again;
      ++left;
    }
  }
  bool ended() const override { return left == 0; }
  bool cancelled() const override { return stop; }
};

int answered(CountingStream& stream) {
  Resolver resolver(std::make_shared<SlowBackend>());
  auto work = [&]() -> Task<void> { co_await resolver.query_stream(stream); };
  run_task(work());
  return stream.answered;
}

}  // namespace

TEST_CASE("the default stream answers all, also what answers bring; a cancelled one nothing") {
  CountingStream stream;
  stream.left = 5;
  stream.again = 3;
  CHECK(answered(stream) == 8);
  CountingStream cancelled;
  cancelled.left = 5;
  cancelled.stop = true;
  CHECK(answered(cancelled) == 0);
}

TEST_CASE("kept answers age and expire") {
  AnswerCache cache(100'000);
  const AnswerCache::Time start{};
  const Question question{name("a.example"), RecordType::a};
  cache.insert(answer_to(question, Outcome::answer, 300), start);
  const auto young = cache.find(question, start + std::chrono::seconds(100));
  REQUIRE(young.has_value());
  CHECK(young->ttl == 200);
  CHECK(young->records.at(0).ttl == 200);
  CHECK(young->from_cache);
  CHECK_FALSE(cache.find({question.name, RecordType::mx}, start).has_value());
  CHECK_FALSE(cache.find(question, start + std::chrono::seconds(300)).has_value());
  CHECK(cache.octets() == 0);
}

TEST_CASE("nothing is kept for more than a day") {
  AnswerCache cache(100'000);
  const AnswerCache::Time start{};
  const Question question{name("a.example"), RecordType::a};
  cache.insert(answer_to(question, Outcome::answer, 0x7fffffff), start);
  CHECK(cache.find(question, start + std::chrono::hours(23)).has_value());
  CHECK_FALSE(cache.find(question, start + std::chrono::hours(24)).has_value());
}

TEST_CASE("the cache stays within its space and drops what was used least recently") {
  constexpr std::size_t capacity = 10'000;
  AnswerCache cache(capacity);
  const AnswerCache::Time now{};
  const Question first{name("first.example"), RecordType::a};
  cache.insert(answer_to(first, Outcome::answer, 300), now);
  const Question second{name("second.example"), RecordType::a};
  cache.insert(answer_to(second, Outcome::answer, 300), now);
  for (int i = 0; i < 100; ++i) {
    CHECK(cache.find(first, now).has_value());
    const Question other{name("x" + std::to_string(i) + ".example"), RecordType::a};
    cache.insert(answer_to(other, Outcome::answer, 300), now);
    CHECK(cache.octets() <= capacity);
  }
  CHECK_FALSE(cache.find(second, now).has_value());

  auto huge = answer_to(first, Outcome::answer, 300);
  huge.records[0].data = TxtData{std::vector<std::string>(100, std::string(255, 'x'))};
  huge.question.name = name("huge.example");
  cache.insert(huge, now);
  CHECK_FALSE(cache.find(huge.question, now).has_value());
  CHECK(cache.find(first, now).has_value());
}
