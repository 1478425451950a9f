/// One look at everything that is watched.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <maildiag/report.h>

#include "session/impl.h"
#include "session/targets.h"
#include "session/watch_plan.h"
#include "watch/advance.h"
#include "watch/store.h"

namespace maildiag::session {

struct Sights {
  std::vector<watch::Observation> observations;
  std::vector<watch::ListSight> lists;
  std::vector<watch::Sample> samples;  ///< one a target
  std::vector<Report> current;         ///< how each target stands now, as the checks report it
  std::set<std::string> whole;         ///< plans of which everything was looked at
};

/// Targets that one watch may have, and addresses with those of its names, each counted once: each
/// is asked on every list, every run.
inline constexpr std::size_t max_watched = 4096;

/// Before anything is asked or written. configuration: more than max_watched, or a target that no
/// list can be asked about.
Result<void> check_plan(const Session::Impl& impl, const WatchPlan& plan);
tl::unexpected<Error> too_many_watched();

/// configuration: more than max_watched with the addresses of names.
Result<Sights> look_at(Session::Impl& impl, const WatchPlan& plan);

/// How one thing stands by what a check found of it: known, unless a finding of severity unknown
/// leaves nothing known beside it. Faults that were seen are told in any case.
watch::Observation observation_of(watch::Key key, std::string value,
                                  const std::vector<Finding>& findings);
/// What Observation::overdue is said as: whoever answers no more for a day may be gone.
watch::Standing unanswered();
std::string text_of(const Target& target);

/// A finding as text for the history, and back.
std::string pack_finding(const Finding& finding);
Finding unpack_finding(const std::string& text);

}  // namespace maildiag::session
