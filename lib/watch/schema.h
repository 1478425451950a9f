/// The tables of the history and how older ones become these.
#pragma once

#include <cstdint>

#include "watch/database.h"

namespace maildiag::watch {

/// Creates the tables, or brings them up to date, in one transaction. bad_data: not ours, or newer.
Result<void> migrate(const Database& database);
/// Whether it can be read as it is, of this version or an older one.
Result<void> check_schema(const Database& database);
/// The number of migrations that it has behind it.
std::int64_t schema_version(const Database& database);

}  // namespace maildiag::watch
