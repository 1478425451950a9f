/// Whether a path leads where another user wants.
#pragma once

#include <string>

#include <maildiag/export.h>

namespace maildiag {

/// Another user's symbolic link in a directory in which everybody may make one: writing through it
/// would write where he wants. What Linux refuses by fs.protected_symlinks, whether that is set or
/// not, and also for who replaces a file by rename(2). A chain of links is one if one of them is,
/// or if it has more than Linux follows. Links in the directories above count as the
/// administrator's.
MAILDIAG_EXPORT bool is_planted_link(const std::string& path);

}  // namespace maildiag
