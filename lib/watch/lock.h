/// One run at a time.
#pragma once

#include <chrono>
#include <string>

#include <maildiag/cancellation.h>

#include "core/descriptor.h"
#include "core/result.h"

namespace maildiag::watch {

/// Held as long as the value, or a process that inherited it, lives; the kernel lets go of it
/// whatever ends them.
using Lock = Descriptor;

/// A run that was killed while it told finishes that in a process of its own, which is waited for:
/// telling takes milliseconds, and whoever holds the lock for longer is another run.
inline constexpr std::chrono::milliseconds telling_time{500};

/// locked: another run has held it for the whole of `patience`, or until the
/// cancellation.
Result<Lock> take_lock(const std::string& path, std::chrono::milliseconds patience = telling_time,
                       const Cancellation& cancellation = {});

}  // namespace maildiag::watch
