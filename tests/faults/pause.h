/// What servers do between two octets.
#pragma once

#include <chrono>

#include "core/task.h"

namespace maildiag::faults {

Task<void> pause(std::chrono::milliseconds time);

}  // namespace maildiag::faults
