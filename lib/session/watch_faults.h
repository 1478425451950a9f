/// What is wrong by the findings of a check, each thing by a name that is the same in every run.
#pragma once

#include <vector>

#include <maildiag/finding.h>

#include "watch/item.h"

namespace maildiag::session {

/// Fills the faults of a known observation, of its standing too, worst first, and the places that
/// gave no answer.
void add_faults(const std::vector<Finding>& findings, watch::Observation& observation);

}  // namespace maildiag::session
