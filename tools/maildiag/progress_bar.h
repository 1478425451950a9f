/// One line on a terminal that tells how far a long run has come.
#pragma once

#include <chrono>
#include <string>

#include <maildiag/session.h>

namespace maildiag::tool {

class ProgressBar {
 public:
  ProgressBar();
  bool visible() const { return visible_; }
  /// "COMMAND: 3 of 10 done, 4 s (Ctrl-C stops)"
  void show(const std::string& command, const Progress& progress, Language language);
  /// With a bar, where the end is known.
  void show(const ExplainProgress& progress);
  /// Takes the line away before something else is written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool is_due();
  void draw(const std::string& line);
  std::string counted_line() const;

  bool visible_;
  bool drawn_ = false;
  ExplainProgress counted_;  // what the caller counted by itself
  Clock::time_point start_, last_;
};

}  // namespace maildiag::tool
