/// Reading files and pipes in calls that may be cancelled.
#pragma once

#include <cstddef>
#include <sys/types.h>

#include <maildiag/cancellation.h>

namespace maildiag {

/// As read(2): what is there now, 0 at the end, -1 and errno. Waits for input, but no longer than
/// until the cancellation: ECANCELED, within a tenth of a second. Signals do not end it.
ssize_t read_some(int descriptor, char* buffer, std::size_t size, const Cancellation& cancellation);

}  // namespace maildiag
