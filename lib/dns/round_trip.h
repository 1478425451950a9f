/// How long a server usually takes, and so when a packet is probably lost (RFC 6298).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace maildiag::dns {

class RoundTrip {
 public:
  using Duration = std::chrono::steady_clock::duration;

  /// REQUIRES: the question was sent once (Karn's algorithm), or it is not known which packet was
  /// answered.
  void add(Duration sample) {
    if (samples_++ == 0) {
      smoothed_ = sample;
      variation_ = sample / 2;
      return;
    }
    const auto off = sample > smoothed_ ? sample - smoothed_ : smoothed_ - sample;
    variation_ += (off - variation_) / 4;
    smoothed_ += (sample - smoothed_) / 8;
  }

  /// A few samples say nothing: a resolver that has to ask on takes a hundred times longer.
  bool known() const { return samples_ >= least_samples; }
  /// Beyond this an answer is late.
  Duration late_after() const { return std::max<Duration>(smoothed_ + 4 * variation_, shortest); }

 private:
  static constexpr std::size_t least_samples = 16;
  /// Below it, our own delays count for more than the network's.
  static constexpr std::chrono::milliseconds shortest{25};
  std::size_t samples_ = 0;
  Duration smoothed_{0}, variation_{0};
};

}  // namespace maildiag::dns
