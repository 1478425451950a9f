#include "core/task.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace maildiag {

namespace {

/// A signal handler can do no more than set a flag, so the loop looks at it.
constexpr std::chrono::milliseconds cancellation_interval(25);

/// What the workers of one for_each_index share. A timer that never expires is Asio's condition
/// variable: cancelling it wakes the waiting task through the executor.
struct Pool {
  Pool(const asio::any_io_executor& executor, std::size_t item_count,
       std::function<Task<void>(std::size_t)> item_work)
      : done(executor, asio::steady_timer::time_point::max()),
        count(item_count),
        work(std::move(item_work)) {}

  asio::steady_timer done;
  std::size_t next = 0;
  std::size_t count;
  std::size_t running = 0;
  std::exception_ptr failure;
  std::function<Task<void>(std::size_t)> work;
};

Task<void> run_worker(std::shared_ptr<Pool> pool) {
  while (pool->next < pool->count && !pool->failure) {
    const std::size_t index = pool->next++;
    try {
      auto item = pool->work(index);
      co_await std::move(item);
    } catch (...) {
      if (!pool->failure) pool->failure = std::current_exception();
    }
  }
  if (--pool->running == 0) pool->done.cancel();
}

}  // namespace

Task<void> for_each_index(std::size_t count, std::size_t window,
                          std::function<Task<void>(std::size_t)> work) {
  if (count == 0) co_return;
  auto executor = co_await asio::this_coro::executor;
  auto pool = std::make_shared<Pool>(executor, count, std::move(work));
  pool->running = std::min(count, window);
  for (std::size_t worker = 0, workers = pool->running; worker < workers; ++worker) {
    asio::co_spawn(executor, run_worker(pool), asio::detached);
  }
  std::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  while (pool->running > 0) co_await pool->done.async_wait(token);
  if (pool->failure) std::rethrow_exception(pool->failure);
}

bool run_task(Task<void> task, const Cancellation& cancellation) {
  if (cancellation.requested()) return false;
  asio::io_context loop(1);
  asio::steady_timer timer(loop);
  const std::function<void()> look_again = [&] {
    timer.expires_after(cancellation_interval);
    timer.async_wait([&](std::error_code aborted) {
      if (aborted) return;
      if (cancellation.requested()) return loop.stop();
      look_again();
    });
  };
  look_again();
  bool ended = false;
  std::exception_ptr failure;
  // What else runs on the loop ends with the task: nobody would look at it any more.
  asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown) {
    failure = thrown;
    ended = true;
    loop.stop();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return ended;
}

void run_task(Task<void> task) {
  run_task(std::move(task), Cancellation());
}

}  // namespace maildiag
