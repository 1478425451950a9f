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

/// Another user's symbolic link in a directory in which everybody may make one: writing through it
/// would write where he wants. What Linux refuses by fs.protected_symlinks, whether that is set or
/// not, and also for who replaces a file by rename(2). Links in the directories above count as the
/// administrator's.
bool is_planted_link(const std::string& path);

}  // namespace maildiag
