/// An input, configuration or output fault, as a value.
#pragma once

#include <string>

namespace maildiag {

/// The numbers are the program's exit codes (sysexits.h).
enum class ErrorCode {
  cancelled = 3,       ///< the call was told to end; what is missing is unknown
  usage = 64,          ///< an option or a target is malformed
  bad_data = 65,       ///< the input is not what it should be (not a bounce, broken zone file ...)
  no_input = 66,       ///< a file is missing or unreadable
  internal = 70,       ///< a fault of the program
  cannot_write = 73,   ///< an output file cannot be written
  locked = 75,         ///< another run holds the lock
  configuration = 78,  ///< a configuration or rule file is wrong
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  ///< one line that names the file and line, and the fix where there is one
};

}  // namespace maildiag
