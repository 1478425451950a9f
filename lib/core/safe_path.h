/// Paths of files that this program makes, where others may have been first.
#pragma once

#include <string>
#include <system_error>

namespace maildiag {

/// Directories that this program makes are nobody else's business; an administrator opens them to a
/// group.
inline constexpr unsigned private_directory_mode = 0750;

/// Makes the directory and those above it that are missing, with private_directory_mode less the
/// umask; nothing where it is there or the path is empty.
std::error_code create_private_directories(const std::string& path);

/// Another user's file, or what else is no link, in a directory in which everybody may make one:
/// what stands in it is his, and so is who reads what is written. follow_links() judges links.
bool is_planted(const std::string& path);

}  // namespace maildiag
