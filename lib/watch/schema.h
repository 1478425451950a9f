/// The tables of the history and how older ones become these.
#pragma once

#include <cstdint>

#include "watch/database.h"

namespace maildiag::watch {

/// Creates the tables, or brings them up to date, in one transaction. bad_data: not ours, or newer.
Result<void> migrate(const Database& database);
/// Whether it can be read as it is, of this version or an older one.
Result<void> check_schema(const Database& database);
/// Items of a history before version 5 of which the standing was taken for good and never looked
/// at: that a name has addresses, and what had no answer at the first look.
inline constexpr const char* called_good_unseen =
    "bad = 0 AND (kind = 'addresses' OR (severity = 0 AND value = '' AND unknown_since <> 0 AND "
    "unknown_since = since))";
/// The number of migrations that it has behind it.
std::int64_t schema_version(const Database& database);

}  // namespace maildiag::watch
