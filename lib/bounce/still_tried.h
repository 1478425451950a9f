/// Words that say that a message is still tried by itself.
#pragma once

#include "core/clauses.h"

namespace maildiag::bounce {

/// Whose tries a clause announces; what proves more about this message stands further down.
enum class Tries {
  none,
  of_clients,   ///< what well-behaved servers do: "legitimate servers will retry"
  general,      ///< of mails in some case: "delayed messages will be retried", "오류인 경우"
  conditional,  ///< when something comes true: "서버가 복구되면 재전송됩니다"
  implied,  ///< of no mail that is named: "the server will retry", "오류로 재시도합니다"
  own       ///< of this one: "it will be retried", "3일 동안 재시도합니다"
};

/// What the clause, in English or Korean, announces of tries, or says of a message that waits:
/// "will keep trying", "delivery is delayed", "재시도합니다". Neither a request to the reader, nor
/// what has been: "please retry", "has been in the queue for 3 days", "재시도하였으나". `korean`:
/// the same clause.
Tries tries_in(const text::Words& words, const text::Compact& korean);

/// True if it announces any.
bool is_still_tried(const text::Words& words, const text::Compact& korean);

}  // namespace maildiag::bounce
