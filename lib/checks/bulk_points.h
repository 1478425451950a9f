/// Which points are met, out of what was gathered.
#pragma once

#include "checks/bulk.h"
#include "checks/dkim_message.h"

namespace maildiag::checks::bulk {

/// Fills points and findings of a report that has everything else. `message`: of the sample, or
/// nullptr.
void judge(Context context, const dkim::Message* message, BulkReport& report);

}  // namespace maildiag::checks::bulk
