/// One run at a time.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"

namespace maildiag::watch {

/// Held as long as the value, or a process that inherited it, lives; the kernel lets go of it
/// whatever ends them.
using Lock = std::shared_ptr<const int>;

/// locked: another run holds it. A run that was killed while it told finishes that in a process of
/// its own, which is waited for.
Result<Lock> take_lock(const std::string& path);

}  // namespace maildiag::watch
