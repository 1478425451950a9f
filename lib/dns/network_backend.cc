#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <asio/this_coro.hpp>

#include "dns/backends.h"
#include "dns/query_engine.h"

namespace maildiag::dns {
namespace {

/// Slots are numbered with 16 bits and found by 16-bit ids, of which most must stay free.
constexpr std::size_t largest_window = 16'384;

/// Withdraws a job whose coroutine ends before it is answered (cancelled, event loop gone).
class JobGuard {
 public:
  JobGuard(QueryEngine& engine, QueryJob& job) : engine_(engine), job_(job) {}
  ~JobGuard() {
    job_.stream.on_wake({});
    if (!job_.ended.is_set()) engine_.abandon(job_);
  }
  JobGuard(const JobGuard&) = delete;
  JobGuard& operator=(const JobGuard&) = delete;

 private:
  QueryEngine& engine_;
  QueryJob& job_;
};

/// Questions that are all known from the start.
class Batch : public QuestionStream {
 public:
  Batch(std::vector<Question> questions, std::function<void(std::size_t, Answer)> done)
      : questions_(std::move(questions)), done_(std::move(done)) {}

  std::optional<Numbered> next() override {
    if (next_ == questions_.size()) return std::nullopt;
    const auto index = next_++;
    return Numbered{std::move(questions_[index]), index};
  }
  void done(std::uint64_t number, Answer answer) override {
    done_(static_cast<std::size_t>(number), std::move(answer));
  }
  bool ended() const override { return next_ == questions_.size(); }

 private:
  std::vector<Question> questions_;
  std::function<void(std::size_t, Answer)> done_;
  std::size_t next_ = 0;
};

/// One question of a check.
class Single : public QuestionStream {
 public:
  explicit Single(Question question) : question_(std::move(question)) {}

  std::optional<Numbered> next() override {
    if (std::exchange(asked_, true)) return std::nullopt;
    return Numbered{std::move(question_), 0};
  }
  void done(std::uint64_t, Answer answer) override { result = std::move(answer); }
  bool ended() const override { return asked_; }

  Answer result;

 private:
  Question question_;
  bool asked_ = false;
};

class NetworkBackend : public Backend {
 public:
  explicit NetworkBackend(NetworkOptions options) : state_(std::make_shared<NetworkState>()) {
    options.window = std::clamp<std::size_t>(options.window, 1, largest_window);
    if (options.servers.size() > most_servers) options.servers.resize(most_servers);
    for (const auto& server : options.servers) {
      state_->servers.push_back(Server{server, server.to_string()});
    }
    state_->options = std::move(options);
  }

  Task<Answer> ask(Question question) override {
    // Not by ask_stream(): one coroutine less for what is asked a hundred times a domain.
    const auto executor = co_await asio::this_coro::executor;
    Single single(std::move(question));
    const auto engine = engine_on(executor);
    QueryJob job(executor, single);
    const JobGuard guard(*engine, job);
    engine->add(job);
    co_await job.ended.wait();
    if (job.failure) std::rethrow_exception(job.failure);
    co_return std::move(single.result);
  }

  Task<void> ask_batch(std::vector<Question> questions,
                       std::function<void(std::size_t, Answer)> done) override {
    Batch batch(std::move(questions), std::move(done));
    co_await ask_stream(batch);
  }

  Task<void> ask_stream(QuestionStream& stream) override {
    const auto executor = co_await asio::this_coro::executor;
    const auto engine = engine_on(executor);
    QueryJob job(executor, stream);
    const JobGuard guard(*engine, job);
    stream.on_wake([&engine = *engine, &job] { engine.wake(job); });
    engine->add(job);
    co_await job.ended.wait();
    if (job.failure) std::rethrow_exception(job.failure);
  }

 private:
  /// The engine that is at work on this event loop, or a new one.
  std::shared_ptr<QueryEngine> engine_on(const asio::any_io_executor& executor) {
    auto engine = engine_.lock();
    if (engine == nullptr || engine->executor() != executor) {
      engine = std::make_shared<QueryEngine>(executor, state_);
      engine_ = engine;
    }
    return engine;
  }

  std::shared_ptr<NetworkState> state_;
  std::weak_ptr<QueryEngine> engine_;
};

}  // namespace

std::shared_ptr<Backend> make_network_backend(NetworkOptions options) {
  return std::make_shared<NetworkBackend>(std::move(options));
}

}  // namespace maildiag::dns
