/// Time that passes only while nobody has anything to do: minutes of time-outs take no time, and
/// how long a check took is exact, however busy the machine is.
///
/// The program's clock_gettime(), epoll_wait() and timerfd_settime() stand before libc's. The event
/// loop sleeps in epoll_wait(): where nothing is ready there, the clock jumps to the loop's timer.
/// REQUIRES: one thread, one event loop at a time.
#pragma once

#include <chrono>

namespace maildiag::faults::virtual_time {

/// From now on; the clock starts where the true one stands. Also between two event loops.
void start();
/// Of the steady clock.
std::chrono::nanoseconds now();

}  // namespace maildiag::faults::virtual_time
