#include "net/pipe_signal.h"

#include <ctime>

namespace maildiag::net {

namespace {

sigset_t pipe_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  return signals;
}

bool is_pending() {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

PipeSignalKept::PipeSignalKept() : was_pending_(is_pending()) {
  const auto signals = pipe_signal();
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

PipeSignalKept::~PipeSignalKept() {
  // One that waited before is the host's and stays.
  if (!was_pending_ && is_pending()) {
    const auto signals = pipe_signal();
    const timespec at_once{};
    sigtimedwait(&signals, nullptr, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace maildiag::net
