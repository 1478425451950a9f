#include "program.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
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
constexpr const char* system_rules = "/etc/maildiag/rules.d";

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

/// --lang, else the first variable that names a language. A locale need not be installed for it.
Language choose_language(const std::string& option) {
  if (const auto chosen = language_from(option)) return *chosen;
  for (const char* name : {"MAILDIAG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    const auto value = environment(name);
    if (value.empty()) continue;
    if (const auto chosen = language_from(value)) return *chosen;
    break;
  }
  return Language::en;
}

void add_system_rules(SessionOptions& options) {
  std::error_code ignored;
  if (std::filesystem::is_directory(system_rules, ignored))
    options.rule_directories.insert(options.rule_directories.begin(), system_rules);
}

void add_environment(SessionOptions& options) {
  const auto servers = environment("MAILDIAG_NAMESERVER");
  if (options.nameservers.empty() && !servers.empty()) options.nameservers.emplace_back(servers);
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

int Program::run() {
  options.session.language = choose_language(options.language);
  add_environment(options.session);
  add_system_rules(options.session);
  TextOptions text;
  text.language = options.session.language;
  text.color = wants_color(options.color);
  text.width = terminal_width();
  text.verbose = options.verbose;
  Output output(options.format == "json" ? Format::json : Format::text, text, options.quiet);
  auto opened = Session::open(options.session);
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
