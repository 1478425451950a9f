/// What a WatchRound holds between storing and telling.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <maildiag/watch.h>

#include "core/clock.h"
#include "session/watch_observe.h"
#include "session/watch_plan.h"
#include "watch/lock.h"

namespace maildiag {

struct WatchRound::Impl {
  WallTime started = std::chrono::system_clock::now();
  std::string state;
  watch::Lock lock;  ///< none for a dry run
  bool dry_run = false;
  bool current = false;
  watch::Outcome outcome;
  std::vector<Report> reports;  ///< where the current state is wanted
  std::size_t targets = 0;
  std::optional<session::Webhook> webhook;
};

namespace session {

watch::Seconds unix_now();
std::string moment_text(watch::Seconds time);

/// One report of what is to be told, with findings `watch.*`.
Report words_of(const Session::Impl& impl, const WatchRound::Impl& round,
                const std::vector<watch::Untold>& untold);
/// That too little was answered to judge, among reports of how the targets stand.
Report trouble_report(const Session::Impl& impl, const WatchRound::Impl& round);
/// One transition in words.
Finding finding_of(const Session::Impl& impl, const watch::Transition& transition, bool in_doubt);

}  // namespace session
}  // namespace maildiag
