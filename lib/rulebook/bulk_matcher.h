/// Matching of many replies: the literals of all rules are found in one pass over the reply.
#pragma once

#include <memory>

#include "rulebook/matcher.h"

namespace maildiag::rulebook {

/// Takes some milliseconds to make. The matcher outlives it; one thread at a time.
std::unique_ptr<Rulebook::BulkMatcher> make_bulk_matcher(const Matcher& matcher);

}  // namespace maildiag::rulebook
