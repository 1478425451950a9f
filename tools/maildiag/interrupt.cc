#include "interrupt.h"

namespace maildiag::tool {

namespace {

// A signal handler reaches nothing else.
volatile std::sig_atomic_t signal_seen =
    0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void note_signal(int number) {
  signal_seen = number;
}

}  // namespace

Interrupt::Interrupt() {
  signal_seen = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &old_int_);
  sigaction(SIGTERM, &action, &old_term_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
}

bool Interrupt::caught() const {
  return signal_seen != 0;
}

}  // namespace maildiag::tool
