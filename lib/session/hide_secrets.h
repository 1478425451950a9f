/// The keys of lists in what a report says.
#pragma once

#include <maildiag/report.h>

#include "core/secret_mask.h"

namespace maildiag::session {

/// Session::Impl::finish() does it; for reports that do not pass there.
void hide_secrets(Report& report, const SecretMask& mask);

}  // namespace maildiag::session
