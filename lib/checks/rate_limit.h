/// How often a list may be asked.
#pragma once

#include <algorithm>
#include <chrono>

namespace maildiag::checks {

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// 0: no limit.
  explicit RateLimit(double per_second) {
    if (per_second > 0)
      interval_ =
          std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(1 / per_second));
  }

  bool allows(Time now) const { return interval_ == Time::duration::zero() || next() <= now; }
  void take(Time now) {
    if (interval_ != Time::duration::zero()) due_ = std::max(due_, now) + interval_;
  }
  /// When it allows the next question.
  Time next() const { return due_ - burst; }

 private:
  /// What the event loop was late by may be made up for; more would be a burst.
  static constexpr std::chrono::milliseconds burst{20};
  Time::duration interval_{0};
  Time due_{};
};

}  // namespace maildiag::checks
