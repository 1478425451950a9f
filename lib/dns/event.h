/// A one-shot event that coroutines wait for.
#pragma once

#include <chrono>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "core/task.h"

namespace maildiag::dns {

/// Waiters are resumed through their executor, never from inside set(). One thread.
class Event {
 public:
  explicit Event(const asio::any_io_executor& executor)
      : timer_(executor, std::chrono::steady_clock::time_point::max()) {}

  bool is_set() const { return set_; }
  void set() {
    set_ = true;
    timer_.cancel();
  }
  /// REQUIRES: the event outlives the wait.
  Task<void> wait() {
    while (!set_) {
      std::error_code cancelled;
      auto token = asio::redirect_error(asio::use_awaitable, cancelled);
      co_await timer_.async_wait(token);
    }
  }

 private:
  asio::steady_timer timer_;  // never expires: cancelling it is the signal
  bool set_ = false;
};

}  // namespace maildiag::dns
