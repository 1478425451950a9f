/// What of the fields about the mail may be about its sole recipient.
#pragma once

#include "bounce/dsn_recipients.h"

namespace maildiag::bounce::dsn {

/// The one paragraph whose fields that are still nobody's are perhaps the sole recipient's (RFC
/// 3464 section 2.2 has none about a recipient); null: none, or nobody knows which. Only where
/// nothing shows that the report is about another one, too. REQUIRES: one recipient.
const Paragraph* paragraph_of_sole(const Entries& entries, const Recipients& found);

}  // namespace maildiag::bounce::dsn
