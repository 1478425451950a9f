/// What `lookup` can ask for.
#pragma once

#include <string>
#include <vector>

#include <maildiag/export.h>

namespace maildiag {

/// The words for TYPE, as users write them: record types ("mx"), "any", and what is no record:
/// "dns" (name servers), "tcp", "http", "https", "ping", "trace". TYPE1234 is a record type, too
/// (RFC 3597 section 5).
MAILDIAG_EXPORT const std::vector<std::string>& lookup_types();

}  // namespace maildiag
