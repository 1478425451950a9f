#include <maildiag/configuration.h>

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

}  // namespace

void Session::config(const Configuration& configuration, bool show, const ReportSink& sink) {
  Report report = session::new_report(show ? "config show" : "config check", "");
  report.result.set("files", Value::strings(configuration.files))
      .set("searched", Value::strings(configuration.searched));
  if (show) report.result.set("settings", settings_value(configuration));
  for (const auto& warning : configuration.warnings)
    report.findings.push_back(warning_finding(warning));
  for (const auto& name : configuration.unknown_variables)
    report.findings.push_back(variable_finding(name));
  impl_->finish(report);
  sink(report);
}

}  // namespace maildiag
