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
    Answer result;
    std::vector<Question> questions;
    questions.push_back(std::move(question));
    std::function<void(std::size_t, Answer)> keep = [&result](std::size_t, Answer answer) {
      result = std::move(answer);
    };
    co_await ask_batch(std::move(questions), std::move(keep));
    co_return result;
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
