#include "net/pipe_signal.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

using maildiag::net::PipeSignalKept;

namespace {

sigset_t pipe_signal_alone() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  return signals;
}

bool pipe_signal_waits() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGPIPE) == 1;
}

bool pipe_signal_is_blocked() {
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  return sigismember(&blocked, SIGPIPE) == 1;
}

/// Writes to a pipe that nobody reads: errno, or 0.
int write_to_nobody() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[0]);
  const int failure = ::write(ends[1], "x", 1) == 1 ? 0 : errno;
  ::close(ends[1]);
  return failure;
}

}  // namespace

TEST_CASE("a write to a closed connection fails and ends nothing") {
  std::thread([] {
    {
      const PipeSignalKept kept;
      CHECK(write_to_nobody() == EPIPE);
      CHECK(pipe_signal_waits());
    }
    CHECK_FALSE(pipe_signal_waits());
    CHECK_FALSE(pipe_signal_is_blocked());
  }).join();
}

TEST_CASE("a signal that waited for the host before goes on waiting") {
  std::thread([] {
    const auto signals = pipe_signal_alone();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    CHECK(write_to_nobody() == EPIPE);
    {
      const PipeSignalKept kept;
      CHECK(write_to_nobody() == EPIPE);
    }
    CHECK(pipe_signal_is_blocked());
    const timespec at_once{};
    CHECK(sigtimedwait(&signals, nullptr, &at_once) == SIGPIPE);
  }).join();
}
