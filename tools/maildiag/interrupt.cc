#include "interrupt.h"

#include <atomic>

namespace maildiag::tool {

namespace {

// A signal handler reaches nothing else.
std::atomic<Cancellation*> to_request =
    nullptr;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<Cancellation*>::is_always_lock_free);

extern "C" void request_end(int) {
  if (auto* cancellation = to_request.load()) cancellation->request();
}

}  // namespace

Interrupt::Interrupt(Cancellation& cancellation) {
  to_request = &cancellation;
  struct sigaction action {};
  action.sa_handler = request_end;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // and a read that blocks ends
  sigaction(SIGINT, &action, &old_int_);
  sigaction(SIGTERM, &action, &old_term_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
  to_request = nullptr;
}

}  // namespace maildiag::tool
