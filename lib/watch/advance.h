/// The transition logic: what a run's observations make of what is remembered.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "watch/item.h"

namespace maildiag::watch {

using Items = std::map<Key, Item>;

struct Step {
  std::optional<Item> item;  ///< to be remembered; nullopt: nothing is known yet
  std::optional<Transition> transition;
};
/// One observation without parts. `stored` is nullptr where the key was never seen.
Step advance(const Item* stored, const Observation& seen, Seconds now, const Policy& policy);

/// What one list gave in a run, over all targets.
struct ListSight {
  std::string zone;
  int answered = 0, broken = 0, blocked = 0, error = 0, skipped = 0;
  std::string plan = {};  ///< Observation::plan
  int asked() const { return answered + broken + blocked + error; }
};

struct Remembered {
  Items items;
  Seconds last_run = 0;    ///< 0: this is the first
  Seconds last_spoke = 0;  ///< when something was stored to be told
};

struct Outcome {
  std::vector<std::pair<Key, Item>> changed;  ///< to be stored
  std::vector<Key> gone;                      ///< faults that are to be forgotten
  std::vector<Transition> transitions;        ///< worst first
  bool undecided = false;                     ///< too little was answered to judge
  bool resolver_trouble = false;              ///< and it is not one list's fault
  Seconds trouble_since = 0;                  ///< if so
  int asked = 0, answered = 0, bad = 0;
  Seconds time = 0;  ///< of the run: never before the last one's
};

/// Clocks are corrected by seconds; more is a fault that would spoil the history.
inline constexpr Seconds clock_tolerance = 300;

/// A whole run. `observations` are those of targets; what the lists gave is derived from `lists`.
/// Where the resolver is at fault, one transition says so instead of one for each list. bad_data:
/// the clock stands before the last run.
///
/// `whole`: the plans of which everything was looked at that they ask for. What such a plan once
/// asked for and no observation is about is not watched any more; how it stood is all that is
/// known.
Result<Outcome> plan_run(const Remembered& remembered, std::vector<Observation> observations,
                         const std::vector<ListSight>& lists, Seconds now, const Policy& policy,
                         const std::set<std::string>& whole = {});

}  // namespace maildiag::watch
