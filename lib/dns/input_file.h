/// Whole files in memory, with a limit.
#pragma once

#include <cstddef>
#include <string>

#include "core/result.h"

namespace maildiag::dns {

/// The octets of a file, a pipe or a device. Errors: no_input (missing, unreadable, a directory),
/// bad_data (above `limit` octets).
Result<std::string> read_input_file(const std::string& path, std::size_t limit);

}  // namespace maildiag::dns
