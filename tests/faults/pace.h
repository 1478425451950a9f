/// How long questions take by the virtual clock, whatever those say who answer them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "dns/backends.h"

namespace maildiag::faults {

class Pace {
 public:
  /// REQUIRES: time is virtual.
  explicit Pace(const dns::NetworkOptions& options);

  struct Asked {
    std::chrono::nanoseconds at{};
    std::size_t ahead = 0;  ///< questions that may have their turn first
  };
  /// A question is handed over; `waits`: until the window has room for it.
  Asked ask(bool waits);
  /// What was too slow about it, in words; empty: nothing. `links`: names that it came over.
  std::string answered(const Asked& asked, std::size_t links);
  /// Nobody wants the answers to so many any more.
  void forget(std::size_t questions) { under_way_ -= questions; }
  /// For so many, one after the other.
  std::chrono::nanoseconds longest_of(std::size_t questions) const;

 private:
  std::chrono::nanoseconds longest_;  ///< of one name, once it was sent
  std::size_t least_window_;          ///< to which losses shrink it
  std::size_t most_links_ = 1, under_way_ = 0;
  std::chrono::nanoseconds last_sign_{};  ///< of progress
};

}  // namespace maildiag::faults
