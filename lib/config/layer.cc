#include "config/layer.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::config {

namespace {

constexpr std::string_view key_variable_prefix = "MAILDIAG_DNSBL_KEY_";

/// "192.0.2.1, 192.0.2.2": commas and blanks; directories are separated by colons, as in PATH.
Texts split_list(std::string_view key, std::string value) {
  const char separator = key == "rules" ? ':' : ' ';
  if (separator == ' ') std::replace(value.begin(), value.end(), ',', separator);
  Texts texts;
  for (const auto part : text::split(value, separator)) {
    const auto trimmed = text::trim(part);
    if (!trimmed.empty()) texts.emplace_back(trimmed);
  }
  return texts;
}

/// "MAILDIAG_DNSBL_KEY_SPAMHAUS_DQS" stands for the key "spamhaus-dqs".
std::string key_name_of(std::string_view variable) {
  auto name = text::ascii_lower(variable.substr(key_variable_prefix.size()));
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

void note(Configuration& to, std::string key, Value value, const std::string& origin) {
  const auto old =
      std::find_if(to.settings.begin(), to.settings.end(),
                   [&key](const Configuration::Setting& each) { return each.key == key; });
  if (old == to.settings.end()) {
    to.settings.push_back({std::move(key), std::move(value), origin});
  } else {
    old->value = std::move(value);
    old->origin = origin;
  }
}

Result<void> put_key(Configuration& to, const Given& given, ErrorCode code) {
  const auto name = given.key.substr(list_key_prefix.size());
  if (!is_list_key_name(name)) {
    return fail_with(code,
                     "{}: `{}` is no name of a key; it may hold lower-case letters, "
                     "digits and hyphens",
                     given.origin, text::sanitize(name));
  }
  if (!is_list_key(given.texts.front()))
    return fail_with(code, "{}: `{}` {}", given.origin, given.key, list_key_rule);
  auto& keys = to.session.list_keys;
  std::erase_if(keys, [&name](const ListKey& old) { return old.name == name; });
  keys.push_back({name, given.texts.front(), given.origin});
  note(to, given.key, "****", given.origin);
  return {};
}

}  // namespace

Layer read_environment(const std::map<std::string, std::string>& environment) {
  Layer layer;
  for (const auto& row : setting_rows()) {
    const auto found = environment.find(std::string(row.environment));
    if (found == environment.end() || found->second.empty()) continue;
    auto texts =
        row.kind == Kind::texts ? split_list(row.key, found->second) : Texts{found->second};
    layer.push_back({std::string(row.key), std::move(texts), found->first});
  }
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(key_variable_prefix) || value.empty()) continue;
    layer.push_back({std::string(list_key_prefix) + key_name_of(name), {value}, name});
  }
  return layer;
}

std::vector<std::string> unknown_variables(const std::map<std::string, std::string>& environment) {
  constexpr std::string_view prefix = "MAILDIAG_";
  const auto rows = setting_rows();
  std::vector<std::string> unknown;
  for (const auto& [name, value] : environment) {
    const bool known = !name.starts_with(prefix) || name == "MAILDIAG_CONFIG" ||
                       name.starts_with(key_variable_prefix) ||
                       std::any_of(rows.begin(), rows.end(), [&name = name](const SettingRow& row) {
                         return row.environment == name;
                       });
    if (!known) unknown.push_back(name);
  }
  return unknown;
}

Layer read_options(const std::map<std::string, Texts>& options) {
  Layer layer;
  for (const auto& [key, texts] : options) {
    if (!texts.empty()) layer.push_back({key, texts, "--" + key});
  }
  return layer;
}

Result<void> put_over(Configuration& to, const Layer& layer, ErrorCode code) {
  for (const auto& given : layer) {
    if (given.key.starts_with(list_key_prefix)) {
      if (auto put = put_key(to, given, code); !put) return put;
      continue;
    }
    const auto& row = *find_setting(given.key);
    if (const auto rule = row.apply(to, given.texts); !rule.empty()) {
      return fail_with(
          code, "{}: `{}` is \"{}\"; it must be {}", given.origin, given.key,
          text::sanitize(fmt::format("{}", fmt::join(wrong_ones(row, given.texts), ", "))), rule);
    }
    note(to, given.key, row.effective(to), given.origin);
  }
  return {};
}

}  // namespace maildiag::config
