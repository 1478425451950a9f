/// Matching of many replies with one automaton of all patterns.
#pragma once

#include <cstdint>
#include <memory>

#include "rulebook/matcher.h"

namespace maildiag::rulebook {

/// Goes on with the lazy way where `memory` does not suffice. The matcher outlives it; one thread
/// at a time.
std::unique_ptr<Rulebook::BulkMatcher> make_bulk_matcher(const Matcher& matcher,
                                                         std::int64_t memory);

}  // namespace maildiag::rulebook
