#include "core/task.h"

#include <algorithm>
#include <stdexcept>

#include <asio/post.hpp>
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
