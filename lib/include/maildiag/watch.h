/// A watch: the same checks again and again, and words only when something changed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <maildiag/export.h>

namespace maildiag {

struct WatchOptions {
  std::string targets_file;          ///< empty: /etc/maildiag/watch.toml
  std::vector<std::string> targets;  ///< instead of a file's
  std::string state;                 ///< the history's file; empty: the usual place
  std::optional<int> confirm;        ///< these win over the file
  std::string renotify, heartbeat, splay;
  std::string webhook;     ///< an https URL that gets the transitions as JSON
  std::string webhook_ca;  ///< a file of certificates to trust instead of the system's
  bool dry_run = false;    ///< nothing is stored; what would be told is
  bool current = false;    ///< report how every target stands, not what changed
};

struct WatchHistoryOptions {
  std::string state;
  std::vector<std::string> targets;  ///< empty: all
};

struct WatchPruneOptions {
  std::string state;
  std::string keep;  ///< "400d"; what is younger stays
  /// What is stored for the time after now, as a clock was ahead, counts as of now from then on.
  bool clock_was_ahead = false;
};

/// One run that has been stored, and that nobody has been told of yet. Holds the lock of the
/// history until it is posted: no other run begins while a copy of it lives, here or in a forked
/// process.
class MAILDIAG_EXPORT WatchRound {
 public:
  struct Impl;
  explicit WatchRound(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  /// Too little was answered to judge: unknown, whatever is told.
  bool undecided() const;
  Impl& impl() { return *impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace maildiag
