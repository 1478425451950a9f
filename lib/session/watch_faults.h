/// What is wrong by the findings of a check, each thing by a name that is the same in every run.
#pragma once

#include <string>
#include <vector>

#include <maildiag/finding.h>

#include "watch/item.h"

namespace maildiag::session {

/// Its `data.partial`: nothing but its own place could not be looked at.
bool leaves_rest_known(const Finding& unknown);

/// Faults worst first, each name once. `domain`: of which the check is.
watch::Parts parts_of(const std::vector<Finding>& findings, const std::string& domain);

}  // namespace maildiag::session
