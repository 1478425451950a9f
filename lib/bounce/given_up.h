/// Words that say that a message is not tried again by itself.
#pragma once

#include <string_view>

#include "bounce/delivery_failure.h"
#include "core/clauses.h"

namespace maildiag::bounce {

/// True if the clause, in English or Korean, says that the message was returned or that no further
/// try is made: "returned to sender", "giving up", "no further attempts", "반송되었습니다",
/// "재전송하지 않습니다". Not what happens under a condition or up to a time. `korean`: the same
/// clause.
bool gives_up(const text::Words& words, const text::Compact& korean);

/// True if it says so of what may come: "is returned if it cannot be delivered within 3 days".
bool announces_return(const text::Words& words, const text::Compact& korean);

/// Of a reply by itself nobody knows whether a server tries again (RFC 3464 section 2.3.3), unless
/// its code is one for good, or it says itself that it was given up: sets Action::unknown where it
/// was `failed`. `returned`: the words around it tell of the return.
void settle_action(bool returned, DeliveryFailure& failure);

}  // namespace maildiag::bounce
