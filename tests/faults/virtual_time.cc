#include "faults/virtual_time.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

namespace maildiag::faults::virtual_time {
namespace {

constexpr long long second_ns = 1'000'000'000;
/// What one round of an event loop costs: a peer that never stops sending does not stop the clock.
constexpr long long round_ns = 10'000;

struct Clock {  // there is one for the whole program
  bool running = false;
  long long now = 0;  // ns
  int timer = -1;     // the event loop's
  long long expiry = 0;
  std::function<bool()> serve;  // while somebody blocks
};

Clock& state() {
  static auto* const only = new Clock;  // libraries ask for the time until the very end
  return *only;
}

long long true_now() {
  timespec time{};
  ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
  return time.tv_sec * second_ns + time.tv_nsec;
}

int wait_truly(int epoll, epoll_event* events, int most, int timeout) {
  return static_cast<int>(::syscall(SYS_epoll_pwait, epoll, events, most, timeout, nullptr, 0));
}

constexpr int patience_ms = 10'000;  // the kernel delivers at once

/// True: the time of the timer has come.
bool fire_due() {
  auto& time = state();
  if (time.timer < 0 || time.expiry > time.now) return false;
  const itimerspec at_once{{0, 0}, {0, 1}};
  ::syscall(SYS_timerfd_settime, time.timer, 0, &at_once, nullptr);
  time.timer = -1;
  return true;
}

/// Of the true poll(), without waiting.
int look(pollfd* files, nfds_t count) {
  return static_cast<int>(::syscall(SYS_poll, files, count, 0));
}

/// Until a file is ready or the time is over, while the servers go on.
int block(pollfd* files, nfds_t count, long long limit_ns) {
  auto& time = state();
  const auto end = time.now + limit_ns;
  while (true) {
    const int ready = count > 0 ? look(files, count) : 0;
    if (ready != 0 || time.now >= end) return ready;
    if (!time.serve) {
      std::fputs("somebody blocks, and nobody serves him\n", stderr);
      std::abort();
    }
    if (time.serve()) continue;
    time.now = std::max(time.now, time.timer >= 0 ? std::min(end, time.expiry) : end);
  }
}

}  // namespace

void start() {
  auto& time = state();
  if (!time.running) time.now = true_now();
  time.running = true;
  time.timer = -1;
}

void serve_by(std::function<bool()> round) {
  state().serve = std::move(round);
}

std::chrono::nanoseconds now() {
  return std::chrono::nanoseconds(state().now);
}

}  // namespace maildiag::faults::virtual_time

using maildiag::faults::virtual_time::block;
using maildiag::faults::virtual_time::fire_due;
using maildiag::faults::virtual_time::patience_ms;
using maildiag::faults::virtual_time::second_ns;
using maildiag::faults::virtual_time::state;
using maildiag::faults::virtual_time::wait_truly;

extern "C" {
// Seen by the shared libraries, too.
#pragma GCC visibility push(default)

int clock_gettime(clockid_t id, timespec* out) noexcept {
  if (id != CLOCK_MONOTONIC || !state().running) {
    return static_cast<int>(::syscall(SYS_clock_gettime, id, out));
  }
  out->tv_sec = state().now / second_ns;
  out->tv_nsec = state().now % second_ns;
  return 0;
}

int timerfd_settime(int timer, int flags, const itimerspec* value, itimerspec* old) noexcept {
  auto& time = state();
  if (!time.running) {
    return static_cast<int>(::syscall(SYS_timerfd_settime, timer, flags, value, old));
  }
  // Asio's absolute time is one of the past: at once.
  const bool past = (flags & TFD_TIMER_ABSTIME) != 0;
  const auto wait = value->it_value.tv_sec * second_ns + value->it_value.tv_nsec;
  time.expiry = time.now + (past ? 0 : wait);
  time.timer = timer;
  const itimerspec never{};
  ::syscall(SYS_timerfd_settime, timer, 0, &never, nullptr);  // also forgets that it has fired
  if (old != nullptr) *old = {};
  return 0;
}

int epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  auto& time = state();
  if (!time.running) return wait_truly(epoll, events, most, timeout);
  time.now += maildiag::faults::virtual_time::round_ns;
  // What has been fired is there in a moment.
  const int ready = wait_truly(epoll, events, most, fire_due() ? patience_ms : 0);
  if (ready != 0 || timeout == 0) return ready;
  if (time.timer >= 0) time.now = std::max(time.now, time.expiry);
  fire_due();
  const int late = wait_truly(epoll, events, most, patience_ms);
  if (late != 0) return late;
  std::fputs("a hang: nothing is under way, and nobody waits for a time\n", stderr);
  std::abort();
}

int poll(pollfd* files, nfds_t count, int timeout) {
  if (!state().running) return static_cast<int>(::syscall(SYS_poll, files, count, timeout));
  constexpr long long forever = std::numeric_limits<long long>::max() / 4;
  return block(files, count, timeout < 0 ? forever : timeout * (second_ns / 1000));
}

int nanosleep(const timespec* time, timespec* left) {
  if (!state().running) return static_cast<int>(::syscall(SYS_nanosleep, time, left));
  block(nullptr, 0, time->tv_sec * second_ns + time->tv_nsec);
  return 0;
}

#pragma GCC visibility pop
}
