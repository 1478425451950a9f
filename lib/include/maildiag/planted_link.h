/// Whether a path leads where another user wants.
#pragma once

#include <string>
#include <system_error>

#include <maildiag/export.h>

namespace maildiag {

/// Where a path leads whose last component may be a link, and the link there a link.
struct LinkEnd {
  std::string path;  ///< no link when it was looked at, but for `of_kernel`; it need not be there
  /// `path` is another user's link in a directory in which everybody may make one: writing through
  /// it would write where he wants. What Linux refuses by fs.protected_symlinks, whether that is
  /// set or not, and also for who replaces a file by rename(2). Links in the directories above
  /// count as the administrator's.
  bool planted = false;
  bool of_kernel = false;  ///< as /proc/self/fd/1 for a pipe: opened by following, it has no path
  std::error_code error;   ///< of a link that cannot be read; ELOOP: of too many
};

/// Reads each link once and judges what it read, so that nobody can exchange a link in between. Who
/// opens the end must not follow a link that has come there since: O_NOFOLLOW, or rename(2).
MAILDIAG_EXPORT LinkEnd follow_links(const std::string& path);

}  // namespace maildiag
