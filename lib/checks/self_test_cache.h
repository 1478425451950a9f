/// What is known of the health of lists, and for how long.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <maildiag/finding.h>

#include "core/clock.h"
#include "core/ip_address.h"

namespace maildiag::checks {

/// How a list answered about its own test entries (RFC 5782 section 5).
struct SelfTestVerdict {
  /// other_kind: it has no test entry of this kind of target, and has that of another.
  enum class Kind { passed, blocked, broken, unanswered, other_kind };
  Kind kind = Kind::passed;
  std::string reason;             ///< label id; empty where `code` says it
  std::optional<IpAddress> code;  ///< the error code of a list that refuses
  Evidence evidence;              ///< of the question that failed
};
std::string_view to_string(SelfTestVerdict::Kind kind);
std::optional<SelfTestVerdict::Kind> self_test_kind_from(std::string_view word);

/// One verdict for each list, kind of target and resolver: a list may refuse one resolver only.
class SelfTestCache {
 public:
  struct Entry {
    SelfTestVerdict verdict;
    WallTime tested;
    bool earlier_run = false;
  };
  /// Lists recover, and close; an hour is what the tests cost little for.
  static constexpr std::chrono::hours lifetime{1};
  /// A list without an answer may answer the next time.
  static constexpr std::chrono::seconds unanswered_lifetime{60};
  /// More than all lists there are through several resolvers; what is beyond is not kept.
  static constexpr std::size_t most_entries = 4096;

  /// nullptr: not known, too old, or from a time to come (the clock was set back).
  const SelfTestVerdict* find(const std::string& key, WallTime now, bool this_run_only);
  void keep(const std::string& key, SelfTestVerdict verdict, WallTime now);
  void restore(const std::string& key, SelfTestVerdict verdict, WallTime tested);

  /// `restore_all` calls restore() for what earlier runs kept. It is run at the first find(): most
  /// runs ask no list.
  void restore_when_asked(std::function<void(SelfTestCache&)> restore_all);

  const std::map<std::string, Entry>& entries() const { return entries_; }
  bool changed() const { return changed_; }

 private:
  std::map<std::string, Entry> entries_;
  bool changed_ = false;
  std::function<void(SelfTestCache&)> restore_all_;  ///< empty: it has run
};

}  // namespace maildiag::checks
