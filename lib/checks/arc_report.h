/// What the signatures of a chain come to, and how it is told.
#pragma once

#include <optional>

#include "checks/arc.h"
#include "checks/arc_chain.h"

namespace maildiag::checks::arc {

/// RFC 8617 section 5.2, steps 2 to 7: fills status, reason, oldest_pass and findings.
void decide(const std::optional<StructureFault>& fault, const Chain& chain, ArcReport& report);

}  // namespace maildiag::checks::arc
