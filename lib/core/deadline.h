/// A time after which something is given up.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

namespace maildiag {

/// Calls `expired` once at a time, unless it is destroyed before: it is safe to let the call touch
/// what outlives the deadline.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  Deadline(const asio::any_io_executor& executor, Clock::time_point time,
           std::function<void()> expired);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  bool expired() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  asio::steady_timer timer_;
};

}  // namespace maildiag
