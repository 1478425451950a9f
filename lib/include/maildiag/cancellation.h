/// A way to end a call of the library that is under way, from a signal handler or another thread.
#pragma once

#include <memory>

#include <maildiag/export.h>

namespace maildiag {

/// A switch that running calls look at. Copies are the same switch: keep one, put another into
/// SessionOptions::cancellation, and every call of that session obeys.
///
///   maildiag::SessionOptions options;
///   auto cancellation = options.cancellation;   // the same switch
///   auto opened = maildiag::Session::open(options);
///   std::thread watcher([&] { wait_for_key(); cancellation.request(); });
///   session.mxcheck(domains, {}, sink, errors); // ends within a tenth of a second of the request
///
/// A call that was ended so has told its sink what was complete by then, and tells its error sink
/// once, as the last word, ErrorCode::cancelled: what is missing is unknown, not good. What
/// `explain` had read but not checked is reported as unchecked; `watch` stores nothing, and may
/// need a second while it posts. Input that does not come (a pipe, a terminal) is not waited for.
class MAILDIAG_EXPORT Cancellation {
 public:
  Cancellation();

  /// Ends the calls that are under way and all later ones, until reset(). Any thread may call it,
  /// and a signal handler: it does nothing but store to a lock-free atomic.
  void request() noexcept;
  /// Any thread, and a signal handler.
  bool requested() const noexcept;
  /// Makes calls possible again. REQUIRES: no call is under way.
  void reset() noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace maildiag
