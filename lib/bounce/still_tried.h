/// Words that say that a message is still tried by itself.
#pragma once

#include "core/clauses.h"

namespace maildiag::bounce {

/// True if the clause, in English or Korean, announces tries or says that the message waits: "will
/// keep trying", "delivery is delayed", "재시도합니다". Neither a request to the reader, nor what
/// has been: "please retry", "has been in the queue for 3 days", "재시도하였으나". `korean`: the
/// same clause.
bool is_still_tried(const text::Words& words, const text::Compact& korean);

}  // namespace maildiag::bounce
