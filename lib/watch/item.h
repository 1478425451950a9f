/// What a watch looks at, how it stands, and what changed. Pure values; no storage, no clock.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

namespace maildiag::watch {

using Seconds = std::int64_t;  ///< Unix time, or a span

/// One thing that is watched: a list's word about an address, a domain's SPF record ...
struct Key {
  std::string target;
  std::string check;       ///< "dnsbl" "ptr" "mx" ..., or one of the three below
  std::string subject;     ///< the list's zone, the selector; else empty
  std::string fault = {};  ///< one thing that is wrong with it, by a name; empty: it as a whole
  friend auto operator<=>(const Key&, const Key&) = default;
};
// Of the watch itself; their target is empty.
inline constexpr std::string_view list_check = "list";          ///< can a list be believed
inline constexpr std::string_view resolver_check = "resolver";  ///< does the resolver answer
inline constexpr std::string_view watch_check = "watch";        ///< the baseline, signs of life

struct Standing {
  bool bad = false;  ///< listed, a warning, a critical finding
  Severity severity = Severity::ok;
  std::string value;  ///< what else counts as a change: codes, the record
  friend bool operator==(const Standing&, const Standing&) = default;
};

struct Fault {
  std::string name;  ///< the same in every run
  Severity severity = Severity::warning;
  std::string detail;  ///< as Observation::detail
};

/// What a check says that looks at several things: each fault is remembered and told by itself, as
/// one that is as bad would hide it else.
struct Parts {
  std::vector<Fault> faults;        ///< that were seen, each name once
  std::vector<std::string> hidden;  ///< with these words begin names of what was not looked for
  /// What gave no answer: each is a fault, of Severity::unknown, after Policy::patience.
  std::vector<Fault> silences;
  bool hides(const std::string& fault) const;
};

struct Observation {
  Key key;
  bool known = true;   ///< false: a time-out, SERVFAIL, a blocked or broken list; never a change
  Standing standing;   ///< if known
  std::string detail;  ///< for whoever tells it later; opaque here
  std::optional<Parts> parts = {};  ///< also where it is not known as a whole
  /// Unknown for as long as Policy::patience counts as this standing; nullopt: that says nothing.
  std::optional<Standing> overdue;
  bool repeats = true;  ///< told again after Policy::renotify
  /// Whether there was an answer to judge by: what is wrong is so, whatever else is not known.
  bool is_answered() const { return known || (parts && !parts->faults.empty()); }
  std::string plan = {};  ///< what asked for it: the path of a file, or a target that stood alone
};

/// What is remembered of a Key.
struct Item {
  struct Candidate {
    Standing standing;
    Seconds since = 0;
    int runs = 0;
    friend bool operator==(const Candidate&, const Candidate&) = default;
  };
  Standing standing;                        ///< see never_known()
  Seconds since = 0;                        ///< when it was first seen so
  Seconds told_at = 0;                      ///< when that was last told
  Seconds unknown_since = 0;                ///< 0: the last run had an answer
  std::optional<Candidate> candidate = {};  ///< seen differently, but not often enough yet
  std::string plan = {};                    ///< Observation::plan; empty: not known
  /// The first whole run of the plan that did not look at it any more; 0: it is watched.
  Seconds unwatched = 0;
  std::string detail = {};  ///< of a fault, when it was last seen: for telling that it is gone
  friend bool operator==(const Item&, const Item&) = default;
};

/// What is remembered of a Key that had no answer yet, so that patience can run out. Neither good
/// nor bad: whatever is known of it at last was not seen to change.
inline bool never_known(const Standing& standing) {
  return !standing.bad && standing.severity == Severity::unknown;
}

/// found: bad when first looked at. altered: as good or bad as before, but not the same.
enum class Change { baseline, heartbeat, found, worse, better, altered, still };
std::string_view to_string(Change change);
std::optional<Change> change_from(std::string_view word);

struct Transition {
  Key key;
  Change change = Change::altered;
  Standing from, to;
  Seconds time = 0;   ///< of the run
  Seconds since = 0;  ///< first seen so
  std::string detail;
};

struct Policy {
  int confirm = 1;       ///< runs in a row that must see a change before it is believed
  Seconds renotify = 0;  ///< 0: never
  Seconds patience = 86400;
  double quorum = 0.7;    ///< share of the questions that must be answered
  Seconds heartbeat = 0;  ///< 0: silent while nothing happens
};

}  // namespace maildiag::watch
