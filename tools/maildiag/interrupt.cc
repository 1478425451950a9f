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
  // Whichever of the two comes next ends the program; one that is ignored stays so.
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction now {};
    if (sigaction(number, nullptr, &now) == 0 && now.sa_handler == request_end)
      std::signal(number, SIG_DFL);  // NOLINT(cert-err33-c)
  }
}

/// Leaves a signal alone that is ignored: shells start background jobs of scripts so, and nohup.
struct sigaction handle(int number) {
  struct sigaction action {};
  struct sigaction old {};
  sigaction(number, nullptr, &old);
  if (old.sa_handler == SIG_IGN) return old;
  action.sa_handler = request_end;
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // without SA_RESTART
  sigaction(number, &action, nullptr);
  return old;
}

}  // namespace

Interrupt::Interrupt(Cancellation& cancellation) {
  to_request = &cancellation;
  // Not initialised above: a signal may come as soon as it is handled.
  // cppcheck-suppress useInitializationList
  old_int_ = handle(SIGINT);
  old_term_ = handle(SIGTERM);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
  to_request = nullptr;
}

}  // namespace maildiag::tool
