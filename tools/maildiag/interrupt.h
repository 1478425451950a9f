/// Ctrl-C as a question: was it pressed?
#pragma once

#include <csignal>

namespace maildiag::tool {

/// Catches the first SIGINT or SIGTERM; the second one ends the program as ever. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool caught() const;

 private:
  struct sigaction old_int_ {
  }, old_term_{};
};

}  // namespace maildiag::tool
