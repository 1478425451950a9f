#include "core/deadline.h"

#include <system_error>
#include <utility>

namespace maildiag {

/// The handler may already be queued when the deadline is destroyed.
struct Deadline::State {
  std::function<void()> call;
  bool expired = false;
};

Deadline::Deadline(const asio::any_io_executor& executor, Clock::time_point time,
                   std::function<void()> expired)
    : state_(std::make_shared<State>(State{std::move(expired), false})), timer_(executor, time) {
  timer_.async_wait([state = state_](std::error_code cancelled) {
    if (cancelled || !state->call) return;
    state->expired = true;
    state->call();
  });
}

Deadline::~Deadline() {
  state_->call = nullptr;
}

bool Deadline::expired() const {
  return state_->expired;
}

}  // namespace maildiag
