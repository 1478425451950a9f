/// Files in the cache directory: whole or not at all, and nobody else's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace maildiag::session {

/// Empty where the file is missing, has more than `most` octets, or somebody but its owner and root
/// may write it: caches are rebuilt.
std::string read_cache_file(const std::string& file, std::size_t most);

/// Puts a complete new file over it by renaming. False: it cannot be written.
bool write_cache_file(const std::string& file, std::string_view text, mode_t mode);

}  // namespace maildiag::session
