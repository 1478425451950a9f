/// How many questions may be outstanding: halved on loss, grown back with the answers.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace maildiag::dns {

class SendWindow {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit SendWindow(std::size_t most)
      : most_(most), least_(std::max<std::size_t>(1, most / 8)), size_(most) {}

  std::size_t size() const { return size_; }

  void on_answer() {
    if (++answers_ >= size_) answers_ = late_ = 0;
    if (size_ == most_ || ++credit_ < std::max<std::size_t>(1, size_ / 4)) return;
    credit_ = 0;
    ++size_;
  }
  /// A packet now and then is lost on every line, and repeating it is enough. Where more than a
  /// tenth of a window is late, the window is too large.
  void on_late() {
    if (++late_ <= std::max<std::size_t>(3, size_ / 10)) return;
    late_ = answers_ = credit_ = 0;
    size_ = std::max(least_, size_ / 2);
  }
  /// What was sent before the last cut belongs to the same loss. Never below an eighth: names whose
  /// servers are dead time out as well, and must not stop the others.
  void on_loss(Time sent, Time now) {
    if (sent < last_cut_) return;
    last_cut_ = now;
    credit_ = 0;
    size_ = std::max(least_, size_ / 2);
  }

 private:
  std::size_t most_, least_, size_;
  std::size_t credit_ = 0;              // answers since the last growth
  std::size_t answers_ = 0, late_ = 0;  // in this round of the window
  Time last_cut_{};
};

}  // namespace maildiag::dns
