#include "core/task.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <doctest/doctest.h>

using namespace maildiag;

TEST_CASE("every index is worked on once, within the window") {
  std::vector<int> seen(1000);
  std::size_t running = 0, most = 0;
  run_task([](std::vector<int>& hits, std::size_t& now, std::size_t& peak) -> Task<void> {
    co_await for_each_index(hits.size(), 7, [&](std::size_t index) -> Task<void> {
      peak = std::max(peak, ++now);
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
      ++hits[index];
      --now;
    });
  }(seen, running, most));
  CHECK(std::ranges::all_of(seen, [](int hits) { return hits == 1; }));
  CHECK(most == 7);
}

TEST_CASE("an exception of one task reaches the caller after the others ended") {
  int finished = 0;
  CHECK_THROWS_AS(run_task([](int& count) -> Task<void> {
                    co_await for_each_index(3, 3, [&count](std::size_t index) -> Task<void> {
                      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
                      if (index == 0) throw std::runtime_error("broken");
                      ++count;
                    });
                  }(finished)),
                  std::runtime_error);
  CHECK(finished == 2);
}

TEST_CASE("nothing to do ends at once") {
  run_task([]() -> Task<void> {
    co_await for_each_index(0, 5, [](std::size_t) -> Task<void> { co_return; });
  }());
}

TEST_CASE("a task that is cancelled ends, and what it waited for is destroyed") {
  Cancellation cancellation;
  const auto kept = std::make_shared<int>(0);
  const auto wait = [](Cancellation own, std::shared_ptr<int> held) -> Task<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    own.request();
    co_await timer.async_wait(asio::use_awaitable);
    ++*held;
  };
  CHECK_FALSE(run_task(wait(cancellation, kept), cancellation));
  CHECK(*kept == 0);
  CHECK(kept.use_count() == 1);

  SUBCASE("before it has begun") {
    bool begun = false;
    const auto note = [](bool& flag) -> Task<void> {
      flag = true;
      co_return;
    };
    CHECK_FALSE(run_task(note(begun), cancellation));
    CHECK_FALSE(begun);
    cancellation.reset();
    CHECK(run_task(note(begun), cancellation));
    CHECK(begun);
  }
}
