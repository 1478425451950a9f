/// Whether a path leads where another user wants.
#pragma once

#include <string>
#include <system_error>

#include <maildiag/export.h>

namespace maildiag {

/// Another user's symbolic link in a directory in which everybody may make one: writing through it
/// would write where he wants. What Linux refuses by fs.protected_symlinks, whether that is set or
/// not, and also for who replaces a file by rename(2). A chain of links is one if one of them is,
/// or if it has more than Linux follows. Links in the directories above count as the
/// administrator's.
MAILDIAG_EXPORT bool is_planted_link(const std::string& path);

/// Where a path leads whose last component may be a link, and the link there a link.
struct LinkEnd {
  std::string path;  ///< no link when it was looked at, but for `of_kernel`; it need not be there
  bool planted = false;    ///< see is_planted_link(); `path` is that link
  bool of_kernel = false;  ///< as /proc/self/fd/1 for a pipe: opened by following, it has no path
  std::error_code error;   ///< of a link that cannot be read; ELOOP: of too many
};

/// Reads each link once and judges what it read, so that nobody can exchange a link in between. Who
/// opens the end must not follow a link that has come there since: O_NOFOLLOW, or rename(2).
MAILDIAG_EXPORT LinkEnd follow_links(const std::string& path);

}  // namespace maildiag
