/// Findings of several checks side by side.
#pragma once

#include <vector>

#include <maildiag/finding.h>

namespace maildiag::checks {

/// Each statement once, where it stood first: two checks that look at the same thing, or lists that
/// refuse to speak of every address, are no two faults.
std::vector<Finding> without_duplicates(std::vector<Finding> findings);

}  // namespace maildiag::checks
