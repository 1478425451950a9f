/// The keys of lists in what a report says.
#pragma once

#include <maildiag/report.h>

#include "checks/list_choice.h"
#include "core/secret_mask.h"

namespace maildiag::session {

/// Session::Impl::finish() does it; for reports that do not pass there.
void hide_secrets(Report& report, const SecretMask& mask);

/// Those that were written into zones. To be called before a list of the choice is asked.
void hide_given_keys(const checks::ListChoice& choice, SecretMask& mask);

}  // namespace maildiag::session
