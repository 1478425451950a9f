#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <maildiag/configuration.h>

#include "checks/list_choice.h"
#include "config/setting_table.h"
#include "session/impl.h"

namespace maildiag {

namespace {

Finding warning_finding(const Configuration::Warning& warning) {
  Finding finding;
  finding.id = warning.kind == Configuration::Warning::Kind::world_readable
                   ? "config.world-readable"
                   : "config.unreadable";
  finding.severity = Severity::warning;
  finding.subject = warning.file;
  finding.data.set("file", warning.file);
  return finding;
}

Finding variable_finding(const std::string& name) {
  Finding finding;
  finding.id = "config.unknown-variable";
  finding.severity = Severity::warning;
  finding.subject = name;
  finding.data.set("variable", name);
  return finding;
}

Value settings_value(const Configuration& configuration) {
  Value settings = Value::array();
  for (const auto& setting : configuration.settings) {
    settings.push(Value::object(
        {{"key", setting.key}, {"value", setting.value}, {"origin", setting.origin}}));
  }
  return settings;
}

/// The file whose `lists` name a zone with its key in front, where that file is not warned of yet
/// and every user of this host can read it.
std::optional<std::string> open_file_of_zone_keys(const Configuration& configuration,
                                                  const rulebook::Rulebook& rulebook) {
  const auto& zones = configuration.session.default_lists;
  if (zones.empty()) return std::nullopt;
  if (checks::ListChoice(rulebook, nullptr, zones).given_keys().empty()) return std::nullopt;
  const auto& settings = configuration.settings;
  const auto lists = std::find_if(settings.begin(), settings.end(), [](const auto& each) {
    return each.key == config::default_lists_key;
  });
  if (lists == settings.end()) return std::nullopt;
  for (const auto& file : configuration.files) {
    if (!lists->origin.starts_with(file + ":")) continue;
    const auto& warnings = configuration.warnings;
    const bool told = std::any_of(warnings.begin(), warnings.end(),
                                  [&file](const auto& each) { return each.file == file; });
    std::error_code failure;
    const auto status = std::filesystem::status(file, failure);
    if (told || failure || !std::filesystem::is_regular_file(status)) continue;
    if ((status.permissions() & std::filesystem::perms::others_read) !=
        std::filesystem::perms::none)
      return file;
  }
  return std::nullopt;
}

}  // namespace

void Session::config(const Configuration& configuration, bool show, const ReportSink& sink) {
  Report report = session::new_report(show ? "config show" : "config check", "");
  report.result.set("files", Value::strings(configuration.files))
      .set("searched", Value::strings(configuration.searched));
  if (show) report.result.set("settings", settings_value(configuration));
  for (const auto& warning : configuration.warnings)
    report.findings.push_back(warning_finding(warning));
  if (const auto file = open_file_of_zone_keys(configuration, *impl_->rulebook))
    report.findings.push_back(
        warning_finding({Configuration::Warning::Kind::world_readable, *file}));
  for (const auto& name : configuration.unknown_variables)
    report.findings.push_back(variable_finding(name));
  impl_->finish(report);
  sink(report);
}

}  // namespace maildiag
