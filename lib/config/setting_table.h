/// Every setting: its key, its kind, where else it may stand, and how a text becomes its value.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/configuration.h>

#include "core/result.h"

namespace maildiag::config {

using Texts = std::vector<std::string>;

enum class Kind { text, number, count, texts };

struct SettingRow {
  std::string_view key;
  Kind kind;
  std::string_view environment;  ///< the variable
  /// What `texts` must be, where they are not that; empty: they were taken into the configuration.
  std::string_view (*apply)(Configuration& to, const Texts& texts);
  Value (*effective)(const Configuration& of);
};

/// The setting whose zones may begin with a key.
inline constexpr std::string_view default_lists_key = "dnsbl.lists";

/// In the order in which they are shown. Keys of lists ("dnsbl.keys.NAME") are none of them.
std::span<const SettingRow> setting_rows();
const SettingRow* find_setting(std::string_view key);

/// Those that are wrong by themselves; all, where only their company is. The others are not to be
/// shown for them: a zone can hold its key.
Texts wrong_ones(const SettingRow& row, const Texts& texts);

/// What EHLO says for the setting (RFC 5321 section 4.1.2): without the blanks around it, and with
/// A-labels. nullopt: it is neither a name nor an address in brackets.
std::optional<std::string> ehlo_name(const std::string& text);

/// What a key of a list must be; it stands in names, as a label (RFC 1035 section 2.3.1 and '_').
/// Short ones are typing errors, and masking them would hide ordinary words.
bool is_list_key(std::string_view key);
inline constexpr std::string_view list_key_rule =
    "must be 6 to 63 letters, digits, hyphens or underscores, as the operator gave it";
bool is_list_key_name(std::string_view name);

}  // namespace maildiag::config
