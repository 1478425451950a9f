/// What one clause of an English notice or reply says about an end of all tries.
#pragma once

#include "core/clauses.h"

namespace maildiag::bounce {

/// "was returned to you", "giving up", "no further attempts", "in the queue too long".
bool gives_up_in_english(const text::Words& words);

/// "It is returned if it cannot be delivered within 3 days": what a delay announces.
bool announces_return_in_english(const text::Words& words);

/// What only he says who holds the message: "I'm not going to try again", "this message has been in
/// the queue too long". Others may say "giving up" of something else.
bool ends_own_queue(const text::Words& words);

}  // namespace maildiag::bounce
