/// Settings in layers: defaults < files < MAILDIAG_* variables < options of the command line.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include <maildiag/error.h>
#include <maildiag/export.h>
#include <maildiag/session_options.h>
#include <maildiag/value.h>

namespace maildiag {

struct ConfigurationSources {
  /// Of --config: read instead of the usual files, and must be there. Empty: the usual ones, which
  /// need not.
  std::string file;
  std::string system_directory = "/etc/maildiag";  ///< of maildiag.toml and rules.d
  std::map<std::string, std::string> environment;  ///< of the process; others are ignored
  /// What the command line says, by key: {"timeout", {"3"}}. Lists have several texts.
  std::map<std::string, std::vector<std::string>> options;
};

/// Settings that are ready for use. Two copies are independent.
struct MAILDIAG_EXPORT Configuration {
  /// One setting as it holds, and why.
  struct Setting {
    std::string key;     ///< "timeout", "dnsbl.keys.abusix"
    Value value;         ///< keys of lists are masked
    std::string origin;  ///< "default", "FILE:LINE", "MAILDIAG_TIMEOUT", "--timeout"
  };
  struct Warning {
    enum class Kind { world_readable, unreadable };
    Kind kind;
    std::string file;
    std::string message() const;  ///< one line in English, with the fix
  };

  SessionOptions session;
  std::string color = "auto";
  std::vector<std::string> own;  ///< hosts and networks that are the user's own
  std::vector<Setting> settings;
  std::vector<std::string> files;              ///< those that were read, in order
  std::vector<std::string> searched;           ///< those that were looked for, in order
  std::vector<std::string> unknown_variables;  ///< MAILDIAG_* that name no setting, by name
  std::vector<Warning> warnings;

  /// Error: configuration names file, line, key and fix; usage is about an option. No key of a list
  /// stands in it.
  static std::variant<Configuration, Error> load(const ConfigurationSources& sources);
};

}  // namespace maildiag
