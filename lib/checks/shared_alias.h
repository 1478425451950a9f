/// Whether an alias is a name's own, or one that every name beside it has: a wildcard's (RFC 4592)
/// or what a DNAME makes (RFC 6672).
#pragma once

#include "dns/answer.h"

namespace maildiag::checks {

/// `nonsense` is the answer about a name that nobody has, in the same place: both went the same
/// way, to the same targets or to those that differ just where the two names do. False where
/// either went by no alias.
bool is_shared_alias(const dns::Answer& answer, const dns::Answer& nonsense);

}  // namespace maildiag::checks
