#include <chrono>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "session/impl.h"

namespace maildiag {

namespace {

constexpr std::chrono::milliseconds interval(200);

/// Never ends: the loop ends it together with the task that is told about.
Task<void> tell(const std::function<void(const Progress&)>& sink, const Progress& progress) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    timer.expires_after(interval);
    co_await timer.async_wait(asio::use_awaitable);
    sink(progress);
  }
}

Task<void> run_and_tell(Task<void> task, const std::function<void(const Progress&)>& sink,
                        const Progress& progress) {
  auto executor = co_await asio::this_coro::executor;
  asio::co_spawn(executor, tell(sink, progress), asio::detached);
  co_await std::move(task);
}

}  // namespace

bool Session::Impl::run(Task<void> task) const {
  if (!options.progress) return run_task(std::move(task), options.cancellation);
  return run_task(run_and_tell(std::move(task), options.progress, progress), options.cancellation);
}

}  // namespace maildiag
