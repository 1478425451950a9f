#include "program.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <maildiag/closest.h>
#include <maildiag/interface.h>

#include "interrupt.h"

namespace maildiag::tool {

namespace {

/// Written at once where many reports come.
constexpr std::size_t buffer_bytes = 64UL << 10;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool wants_color(const std::string& choice) {
  if (choice != "auto") return choice == "always";
  // no-color.org: present and not empty.
  return isatty(STDOUT_FILENO) != 0 && environment("NO_COLOR").empty() &&
         environment("TERM") != "dumb";
}

std::size_t terminal_width() {
  constexpr std::size_t fallback = 80, widest = 120;  // longer lines are hard to read
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
      size.ws_col == 0)
    return fallback;
  return std::min<std::size_t>(size.ws_col, widest);
}

/// The variables that the configuration looks at.
std::map<std::string, std::string> configuration_environment() {
  std::map<std::string, std::string> variables;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG", "HOME", "XDG_CONFIG_HOME",
                           "XDG_CACHE_HOME", "CACHE_DIRECTORY"})
    variables.emplace(name, environment(name));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (variable.starts_with("MAILDIAG_") && variable.find('=') != std::string_view::npos)
      variables.emplace(variable.substr(0, variable.find('=')),
                        variable.substr(variable.find('=') + 1));
  }
  return variables;
}

/// Nobody has settings in a home directory that he may not enter; in the system's they hold for
/// all.
bool may_be_there(const std::string& file, const ConfigurationSources& sources) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 || file.starts_with(sources.system_directory + "/");
}

}  // namespace

Format format_from(const std::string& name) {
  if (name == "json") return Format::json;
  if (name == "html") return Format::html;
  if (name == "nagios") return Format::nagios;
  return name == "prometheus" ? Format::prometheus : Format::text;
}

bool is_monitoring(Format format) {
  return format == Format::nagios || format == Format::prometheus;
}

bool Output::report(const Report& report) {
  worst_ = worse(worst_, report.status);
  reported_ = true;
  if (format_ == Format::nagios) return nagios_.add(report), true;
  if (format_ == Format::prometheus) return prometheus_.add(report), true;
  // A mail that came back is not in order, whatever the checks say of it.
  const bool failed_delivery = !report.result["failure"].is_null();
  const bool shown = !quiet_ || failed_delivery || maildiag::exit_status(report.status) != 0;
  if (sweep_) {
    add_row(report, shown);
  } else if (shown) {
    pending_ += format_ == Format::json   ? render_json(report)
                : format_ == Format::html ? render_html(report, text_.language)
                                          : render_text(report, text_);
    pending_ += '\n';
  }
  return (!unbuffered_ && pending_.size() < buffer_bytes) || flush();
}

/// The table begins with its first row where only what is wrong is printed.
void Output::add_row(const Report& report, bool shown) {
  const auto row = sweep_->row(report);
  if (!shown || row.empty()) return;
  if (!sweep_begun_) pending_ += sweep_->head();
  sweep_begun_ = true;
  pending_ += row;
}

bool Output::open(const std::string& path) {
  const auto fault = file_.open(path);
  if (fault) error(*fault);
  return !fault;
}

void Output::set_unbuffered(bool unbuffered) {
  unbuffered_ = unbuffered || (!file_.is_file() && isatty(STDOUT_FILENO) != 0);
}

void Output::start_sweep(const std::vector<std::string>& zones, bool hide_clean) {
  if (format_ != Format::text) return;
  sweep_.emplace(zones, text_, hide_clean);
  sweep_begun_ = !quiet_;
  if (sweep_begun_) pending_ += sweep_->head();
}

void Output::end_sweep() {
  if (!sweep_) return;
  if (sweep_begun_) pending_ += sweep_->tail();
  sweep_.reset();
}

bool Output::flush() {
  if (pending_.empty()) return true;
  bar_.clear();
  const auto fault = file_.write(pending_);
  pending_.clear();  // the next reports need as much room
  if (fault) error(*fault);
  return !fault;
}

bool Output::finish() {
  if (std::exchange(finished_, true)) return true;
  if (format_ == Format::nagios) pending_ = nagios_.line() + '\n';
  if (format_ == Format::prometheus) pending_ = prometheus_.text();
  // Where nothing could be worked on, the old file stays, and its age tells.
  if (!flush()) return false;
  if (file_.is_file() && !reported_ && (cancelled_ || error_status_ != 0)) return tell_kept(), true;
  // Half of a run is not worth the whole of the one before.
  if (cancelled_ && !file_.replaced().empty()) return tell_kept(), true;
  const auto fault = file_.commit();
  if (fault) error(*fault);
  return !fault;
}

/// After Ctrl-C it is not plain which of the two files is there.
void Output::tell_kept() {
  if (cancelled_ && !file_.replaced().empty())
    say(interface_text("run.kept", text_.language, {{"file", file_.replaced()}}));
}

void Output::say(const std::string& message) {
  bar_.clear();
  std::fprintf(stderr, "maildiag: %s\n", printable(message).c_str());
}

void Output::remark(const std::string& message) {
  say(message);
}

void Output::set_exit_status(int status) {
  given_status_ = status;
  finished_ = true;
}

void Output::error(const Error& error) {
  const Error told{error.code, error_text(error, text_.language)};
  nagios_.add(told);
  prometheus_.add(told);
  if (error.code == ErrorCode::cancelled) {
    // What is not known keeps the exit status from being 0, and a critical one stays.
    cancelled_ = true;
    worst_ = worse(worst_, Severity::unknown);
    return say(interface_text("run.stopped", text_.language, {{"what", told.message}}));
  }
  if (error_status_ == 0) error_status_ = static_cast<int>(error.code);
  say(told.message);
}

ReportSink Output::reports() {
  return [this](const Report& item) { return report(item); };
}
ReportSink Output::told_reports() {
  quiet_ = false;
  return
      [this](const Report& item) { return report(item) && (is_monitoring(format_) || finish()); };
}
ErrorSink Output::errors() {
  return [this](const Error& item) { error(item); };
}

int Output::exit_status() const {
  if (given_status_) return *given_status_;
  if (format_ == Format::nagios) return nagios_.exit_status();
  return error_status_ != 0 ? error_status_ : maildiag::exit_status(worst_);
}

/// Of what is said where there is no configuration: it could not be read.
Language language_without_files(const std::map<std::string, std::vector<std::string>>& options) {
  if (const auto given = options.find("lang"); given != options.end() && !given->second.empty())
    return language_from(given->second.front()).value_or(Language::en);
  for (const char* name : {"MAILDIAG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    if (const auto language = language_from(environment(name))) return *language;
  }
  return Language::en;
}

/// Merges the layers, and says what is doubtful about the files.
bool Program::configure(Output& output) {
  ConfigurationSources sources;
  sources.file = options.config_file;
  sources.environment = configuration_environment();
  sources.options = options.settings;
  auto loaded = Configuration::load(sources);
  if (const auto* error = std::get_if<Error>(&loaded)) {
    TextOptions text;
    text.language = language_without_files(options.settings);
    output.set_text(text);
    output.error(*error);
    return false;
  }
  configuration = std::get<Configuration>(std::move(loaded));
  auto& session = configuration.session;
  session.zone_files = options.session.zone_files;
  session.record_file = options.session.record_file;
  session.replay_file = options.session.replay_file;
  session.connect_to = options.session.connect_to;
  TextOptions text;
  text.language = session.language;
  text.color =
      options.output.empty() ? wants_color(configuration.color) : configuration.color == "always";
  text.width = terminal_width();
  text.verbose = options.verbose;
  text.quiet = options.quiet;
  output.set_text(text);
  return warn(sources, output);
}

/// False: a run that nobody watches would ask other lists and servers than it was set up for, and
/// its answer would be taken for the one that was wanted.
bool Program::warn(const ConfigurationSources& sources, Output& output) const {
  const bool strict = unattended || is_monitoring(format_from(options.format));
  for (const auto& warning : configuration.warnings) {
    const bool lost = warning.kind == Configuration::Warning::Kind::unreadable &&
                      may_be_there(warning.file, sources);
    if (strict && lost) {
      output.error({ErrorCode::configuration, interface_text("run.settings-lost", output.language(),
                                                             {{"file", warning.file}})});
      return false;
    }
    std::fprintf(stderr, "maildiag: warning: %s\n", printable(warning.message()).c_str());
  }
  return true;
}

/// False: the output cannot be what was asked for.
bool Program::open_output(Output& output) const {
  if (options.format == "html" && !html) {
    output.error({ErrorCode::usage, interface_text("usage.html", output.language())});
    return false;
  }
  return options.output.empty() || output.open(options.output);
}

int Program::run() {
  Output output(format_from(options.format), {}, options.quiet);
  if (!configure(output) || !open_output(output)) {
    output.finish();
    return output.exit_status();
  }
  auto& session = configuration.session;
  if (output.bar().visible()) {
    session.progress = [this, &output](const Progress& progress) {
      output.bar().show(command, progress, output.language());
    };
  }
  const Interrupt interrupt(session.cancellation);
  auto opened = Session::open(session);
  if (const auto* error = std::get_if<Error>(&opened)) {
    output.error(*error);
  } else {
    try {
      action(std::get<Session>(opened), output);
    } catch (const std::system_error& fault) {  // the recording cannot be written any more
      output.error({ErrorCode::cannot_write, fault.what()});
    }
  }
  output.finish();
  output.bar().clear();
  return output.exit_status();
}

namespace {

/// The value of an option in a command line that may be wrong elsewhere.
std::vector<std::string> early_value(int argc, const char* const* argv, const std::string& option) {
  const std::vector<std::string> words(argv, argv + argc);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with(option + "=")) return {words[i].substr(option.size() + 1)};
    if (words[i] == option && i + 1 < words.size()) return {words[i + 1]};
  }
  return {};
}

}  // namespace

Language early_language(int argc, const char* const* argv) {
  ConfigurationSources sources;
  sources.environment = configuration_environment();
  sources.options["lang"] = early_value(argc, argv, "--lang");
  for (const auto& file : early_value(argc, argv, "--config")) sources.file = file;
  auto loaded = Configuration::load(sources);
  if (const auto* configuration = std::get_if<Configuration>(&loaded))
    return configuration->session.language;
  return language_without_files(sources.options);
}

bool wants_nagios(int argc, const char* const* argv) {
  const std::vector<std::string_view> words(argv, argv + argc);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--format=nagios") return true;
    if (words[i] == "--format" && i + 1 < words.size() && words[i + 1] == "nagios") return true;
  }
  return false;
}

std::string suggest(const std::string& word, const std::vector<std::string>& known) {
  const auto near = closest(word, known, word.size() < 4 ? 1 : 2);  // slips
  return near.empty() ? std::string() : near.front();
}

}  // namespace maildiag::tool
