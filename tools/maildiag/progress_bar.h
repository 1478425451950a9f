/// One line on a terminal that tells how far a long run has come.
#pragma once

#include <chrono>

#include <maildiag/session.h>

namespace maildiag::tool {

class ProgressBar {
 public:
  /// `busy`: the reports go to the same terminal, so there is no place for it.
  explicit ProgressBar(bool busy);
  bool visible() const { return visible_; }
  void show(const ExplainProgress& progress);
  /// Takes the line away before something else is written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool visible_;
  bool drawn_ = false;
  Clock::time_point start_, last_;
};

}  // namespace maildiag::tool
