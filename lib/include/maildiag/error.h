/// An input, configuration or output fault, as a value.
#pragma once

#include <string>
#include <vector>

#include <maildiag/export.h>
#include <maildiag/language.h>

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

/// `message` is what there is to say in English, or already in the session's language; the other
/// members are what error_text() translates it by, empty where it is made of others' words alone.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  ///< one line that names the file and line, and the fix where there is one
  std::string place = {};     ///< what it starts with in every language: "watch.toml:3: "
  std::string sentence = {};  ///< what follows, with a {} for each of `arguments`
  std::vector<std::string> arguments = {};
};

/// The message in a language; in English where there is no translation. Thread-safe.
MAILDIAG_EXPORT std::string error_text(const Error& error, Language language);

}  // namespace maildiag
