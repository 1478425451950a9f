/// What one clause of an English reply says about trying again.
#pragma once

#include "core/clauses.h"

namespace maildiag::diagnose {

/// "try again later", "send it again in 30 minutes"; not "do not try ...", and not a retry that has
/// been.
bool asks_to_retry(const text::Words& words);
/// "temporarily", "temporary failure"; not "temporary mail providers".
bool calls_temporary(const text::Words& words);
/// Whatever else is said: "this is a permanent error", "will not help".
bool is_final(const text::Words& words);

}  // namespace maildiag::diagnose
