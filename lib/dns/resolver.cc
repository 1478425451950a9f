#include "dns/resolver.h"

#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>

#include <asio/this_coro.hpp>

#include "dns/answer_cache.h"
#include "dns/event.h"

namespace maildiag::dns {
namespace {

/// Far more than the checks of one run ask for, and nothing beside the program's 40 MiB.
constexpr std::size_t cache_octets = std::size_t{8} << 20U;

/// How many questions the default ask_batch() has in flight.
constexpr std::size_t default_window = 100;

/// One question in flight, and those who wait for its answer.
struct Flight {
  std::optional<Event> ended;    // made for the first who waits: mostly nobody does
  std::optional<Answer> answer;  // stays empty if the one who asked was cancelled or threw
};

}  // namespace

Task<void> Backend::ask_batch(std::vector<Question> questions,
                              std::function<void(std::size_t, Answer)> done) {
  std::function<Task<void>(std::size_t)> work = [&](std::size_t index) -> Task<void> {
    auto question = questions[index];
    auto answer = co_await ask(std::move(question));
    done(index, std::move(answer));
  };
  co_await for_each_index(questions.size(), default_window, work);
}

namespace {

/// Takes the backend's place at the stream for as long as it works on it.
class WakeGuard {
 public:
  WakeGuard(QuestionStream& stream, std::function<void()> call) : stream_(stream) {
    stream_.on_wake(std::move(call));
  }
  ~WakeGuard() { stream_.on_wake({}); }
  WakeGuard(const WakeGuard&) = delete;
  WakeGuard& operator=(const WakeGuard&) = delete;

 private:
  QuestionStream& stream_;
};

}  // namespace

Task<void> Backend::ask_stream(QuestionStream& stream) {
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<Event> event;
  const WakeGuard guard(stream, [&event] {
    if (event != nullptr) event->set();
  });
  while (!stream.cancelled()) {
    event = std::make_shared<Event>(executor);
    auto next = stream.next();
    if (next) {
      auto question = std::move(next->question);
      auto answer = co_await ask(std::move(question));
      stream.done(next->number, std::move(answer));
    } else if (stream.ended()) {
      co_return;
    } else {
      const auto waiting = event;
      co_await waiting->wait();
    }
  }
}

class Resolver::Impl {
 public:
  explicit Impl(std::shared_ptr<Backend> backend) : backend_(std::move(backend)) {}

  Task<Answer> query(Question question);
  Backend& backend() { return *backend_; }

 private:
  /// Ends a flight however the coroutine that asks ends. REQUIRES: the question lives as long.
  class Landing {
   public:
    Landing(Impl& impl, const Question& question, std::shared_ptr<Flight> flight)
        : impl_(impl), question_(question), flight_(std::move(flight)) {}
    ~Landing() {
      impl_.flights_.erase(question_);
      if (flight_->ended) flight_->ended->set();
    }
    Landing(const Landing&) = delete;
    Landing& operator=(const Landing&) = delete;

   private:
    Impl& impl_;
    const Question& question_;
    std::shared_ptr<Flight> flight_;
  };

  std::shared_ptr<Backend> backend_;
  AnswerCache cache_{cache_octets};
  std::unordered_map<Question, std::shared_ptr<Flight>, QuestionHash> flights_;
};

Task<Answer> Resolver::Impl::query(Question question) {
  std::shared_ptr<Flight> flight;
  while (true) {
    if (auto kept = cache_.find(question, std::chrono::steady_clock::now())) {
      co_return std::move(*kept);
    }
    if (flight == nullptr) flight = std::make_shared<Flight>();
    const auto [place, is_first] = flights_.try_emplace(question, flight);
    if (is_first) break;
    const auto other = place->second;
    if (!other->ended) {
      const auto executor = co_await asio::this_coro::executor;
      other->ended.emplace(executor);
    }
    co_await other->ended->wait();
    if (other->answer) {
      auto answer = *other->answer;
      answer.question = question;  // in the asker's case
      co_return answer;
    }
  }

  const Landing landing(*this, question, flight);
  auto asked = question;
  auto answer = co_await backend_->ask(std::move(asked));
  cache_.insert(answer, std::chrono::steady_clock::now());
  if (flight->ended) flight->answer = answer;
  co_return answer;
}

Resolver::Resolver(std::shared_ptr<Backend> backend)
    : impl_(std::make_unique<Impl>(std::move(backend))) {}
Resolver::~Resolver() = default;

Task<Answer> Resolver::query(DomainName name, RecordType type) {
  return impl_->query(Question{std::move(name), type});
}

Task<void> Resolver::query_stream(QuestionStream& stream) {
  co_await impl_->backend().ask_stream(stream);
}

}  // namespace maildiag::dns
