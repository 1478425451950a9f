/// The checks that causes.toml may name, run for one subject.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

#include "checks/context.h"
#include "core/task.h"
#include "diagnose/subject.h"

namespace maildiag::diagnose {

struct CheckRun {
  std::vector<Finding> findings;
  std::vector<std::string> missing;  ///< label ids: what was not known ("verdict.no-sending-ip"
                                     ///< ...), for the checks that could not run
  std::set<std::string, std::less<>> done;  ///< check ids, also those that could not run
};

/// Runs the named checks concurrently, those of `run.done` not again. Unknown ids are a fault of
/// causes.toml and throw std::invalid_argument.
Task<void> run_checks(checks::Context context, Subject subject, std::vector<std::string> ids,
                      CheckRun& run);

}  // namespace maildiag::diagnose
