/// What one place (a file, the environment, the command line) says, before it is checked and
/// merged.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/setting_table.h"
#include "core/result.h"

namespace maildiag::config {

struct Given {
  std::string key;  ///< of a SettingRow, or "dnsbl.keys.NAME"
  Texts texts;
  std::string origin;  ///< "FILE:LINE", "MAILDIAG_TIMEOUT", "--timeout"
};
using Layer = std::vector<Given>;

inline constexpr std::string_view list_key_prefix = "dnsbl.keys.";

/// Reads a document strictly: known keys only, each of its kind.
Result<Layer> read_document(std::string_view document, const std::string& file);
/// MAILDIAG_* variables that name a setting; empty ones count as not set.
Layer read_environment(const std::map<std::string, std::string>& environment);
/// MAILDIAG_* variables that maildiag does not look at, by name: mostly typing errors.
std::vector<std::string> unknown_variables(const std::map<std::string, std::string>& environment);
Layer read_options(const std::map<std::string, Texts>& options);

/// Checks one layer and puts it over `to`. What an error says names the origin.
Result<void> put_over(Configuration& to, const Layer& layer, ErrorCode code);

}  // namespace maildiag::config
