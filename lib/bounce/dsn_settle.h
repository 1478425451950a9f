/// What the fields of a DSN and its words for people tell together.
#pragma once

#include "bounce/delivery_failure.h"
#include "bounce/dsn.h"
#include "bounce/text_report.h"

namespace maildiag::bounce {

/// The kind of a bounce with those recipients: leaves them whom it reports, completed first from
/// the words and then from the guesses. A guess changes no kind, contradicts nothing that is told
/// and repeats none of it; what is nobody's and does neither is told without a recipient.
Kind settle_status(DeliveryStatus& status, const TextReport& words);

}  // namespace maildiag::bounce
