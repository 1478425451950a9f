/// Reports that are ready in any order, handed over in that of their targets.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <maildiag/session.h>

namespace maildiag::session {

/// When reports leave. A sink may wait for its reader as long as that likes.
enum class HandOver : char {
  at_end,  ///< with no connection under way, whose time would run out meanwhile
  /// As soon as those before it have left, and its memory with it: a chunk of reports kept to its
  /// end fits no processor's cache. Only for what asks nothing but DNS: its engine reads what has
  /// come before it looks at the time.
  early
};

/// REQUIRES: the sink lives as long.
class ReportQueue {
 public:
  ReportQueue(std::size_t count, const ReportSink& sink, HandOver hand_over)
      : reports_(count), sink_(sink), early_(hand_over == HandOver::early) {}

  void add(std::size_t index, Report report) {
    reports_[index] = std::move(report);
    while (early_ && !stopped_ && next_ < reports_.size() && reports_[next_]) hand_over(next_++);
  }
  /// Hands over what is there behind those that are missing; how many are missing.
  std::size_t finish() {
    std::size_t missing = 0;
    for (; !stopped_ && next_ < reports_.size(); ++next_) {
      if (reports_[next_]) {
        hand_over(next_);
      } else {
        ++missing;
      }
    }
    return missing;
  }
  /// The sink wants no more.
  bool stopped() const { return stopped_; }

 private:
  void hand_over(std::size_t index) {
    const auto report = std::move(*reports_[index]);
    reports_[index].reset();
    stopped_ = true;  // also where the sink throws
    stopped_ = !sink_(report);
  }

  std::vector<std::optional<Report>> reports_;
  const ReportSink& sink_;
  bool early_;
  std::size_t next_ = 0;
  bool stopped_ = false;
};

}  // namespace maildiag::session
