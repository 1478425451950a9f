/// Ctrl-C ends the library's call, not the program: what is known is still told.
#pragma once

#include <csignal>

#include <maildiag/cancellation.h>

namespace maildiag::tool {

/// Hands the first SIGINT or SIGTERM to `cancellation`; the second one of either ends
/// the program as ever. Signals that are ignored stay so. One at a time. REQUIRES: `cancellation`
/// outlives it.
class Interrupt {
 public:
  explicit Interrupt(Cancellation& cancellation);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

 private:
  struct sigaction old_int_ {
  }, old_term_{};
};

}  // namespace maildiag::tool
