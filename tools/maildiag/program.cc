#include "program.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string_view>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

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
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG", "HOME", "XDG_CONFIG_HOME"})
    variables.emplace(name, environment(name));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (variable.starts_with("MAILDIAG_") && variable.find('=') != std::string_view::npos)
      variables.emplace(variable.substr(0, variable.find('=')),
                        variable.substr(variable.find('=') + 1));
  }
  return variables;
}

}  // namespace

bool Output::report(const Report& report) {
  worst_ = worse(worst_, report.status);
  // A mail that came back is not in order, whatever the checks say of it.
  const bool failed_delivery = !report.result["failure"].is_null();
  if (quiet_ && !failed_delivery && maildiag::exit_status(report.status) == 0) return true;
  pending_ += format_ == Format::json ? render_json(report) : render_text(report, text_);
  pending_ += '\n';
  return (!unbuffered_ && pending_.size() < buffer_bytes) || flush();
}

void Output::set_unbuffered(bool unbuffered) {
  unbuffered_ = unbuffered || isatty(STDOUT_FILENO) != 0;
}

bool Output::flush() {
  const auto text = std::exchange(pending_, {});
  if (text.empty() ||
      (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0))
    return true;
  error({ErrorCode::cannot_write, std::string("standard output: ") + std::strerror(errno)});
  return false;
}

void Output::error(const Error& error) {
  if (error_status_ == 0) error_status_ = static_cast<int>(error.code);
  std::fprintf(stderr, "maildiag: %s\n", printable(error.message).c_str());
}

ReportSink Output::reports() {
  return [this](const Report& item) { return report(item); };
}
ErrorSink Output::errors() {
  return [this](const Error& item) { error(item); };
}

int Output::exit_status() const {
  return error_status_ != 0 ? error_status_ : maildiag::exit_status(worst_);
}

/// Merges the layers, and says what is doubtful about the files.
bool Program::configure(Output& output) {
  ConfigurationSources sources;
  sources.file = options.config_file;
  sources.environment = configuration_environment();
  sources.options = options.settings;
  auto loaded = Configuration::load(sources);
  if (const auto* error = std::get_if<Error>(&loaded)) {
    output.error(*error);
    return false;
  }
  configuration = std::get<Configuration>(std::move(loaded));
  for (const auto& warning : configuration.warnings)
    std::fprintf(stderr, "maildiag: warning: %s\n", printable(warning.message()).c_str());
  auto& session = configuration.session;
  session.zone_files = options.session.zone_files;
  session.record_file = options.session.record_file;
  session.replay_file = options.session.replay_file;
  TextOptions text;
  text.language = session.language;
  text.color = wants_color(configuration.color);
  text.width = terminal_width();
  text.verbose = options.verbose;
  output.set_text(text);
  return true;
}

int Program::run() {
  Output output(options.format == "json" ? Format::json : Format::text, {}, options.quiet);
  if (!configure(output)) return output.exit_status();
  auto opened = Session::open(configuration.session);
  if (const auto* error = std::get_if<Error>(&opened)) {
    output.error(*error);
  } else {
    try {
      action(std::get<Session>(opened), output);
    } catch (const std::system_error& fault) {  // the recording cannot be written any more
      output.error({ErrorCode::cannot_write, fault.what()});
    }
  }
  output.flush();
  return output.exit_status();
}

std::string suggest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = 3;  // two slips at most
  for (const auto& candidate : known) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < word.size(); ++i) {  // Levenshtein's distance, one row at a time
      std::size_t diagonal = row[0]++;
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t changed = diagonal + (word[i] == candidate[j] ? 0U : 1U);
        diagonal = row[j + 1];
        row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
      }
    }
    if (row.back() < least) {
      least = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace maildiag::tool
