#include <atomic>

#include <maildiag/cancellation.h>

namespace maildiag {

struct Cancellation::State {
  std::atomic<bool> requested = false;
  static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler stores to it");
};

Cancellation::Cancellation() : state_(std::make_shared<State>()) {}

void Cancellation::request() noexcept {
  state_->requested.store(true);
}

bool Cancellation::requested() const noexcept {
  return state_->requested.load();
}

void Cancellation::reset() noexcept {
  state_->requested.store(false);
}

}  // namespace maildiag
