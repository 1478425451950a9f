/// Time that passes only while nobody has anything to do: minutes of time-outs take no time, and
/// how long a check took is exact, however busy the machine is.
///
/// The program's clock_gettime(), epoll_wait() and timerfd_settime() stand before libc's. The event
/// loop sleeps in epoll_wait(): where nothing is ready there, the clock jumps to the loop's timer.
/// Who blocks in poll() or nanosleep(), does so while a loop of servers goes on.
/// REQUIRES: one thread, one event loop at a time.
#pragma once

#include <chrono>
#include <functional>

namespace maildiag::faults::virtual_time {

/// From now on; the clock starts where the true one stands. Also between two event loops.
void start();
/// Of the steady clock.
std::chrono::nanoseconds now();

/// While somebody blocks: does what servers have to do now, without waiting; false: that is
/// nothing. Empty: nobody may block.
void serve_by(std::function<bool()> round);

}  // namespace maildiag::faults::virtual_time
