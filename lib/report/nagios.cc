#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <maildiag/monitoring.h>

#include "core/text.h"

// https://www.monitoring-plugins.org/doc/guidelines.html: one line, "text | 'label'=value[UOM];
// [warn];[crit];[min];[max] ...", exit status 0 to 3.

namespace maildiag {

namespace {

/// NRPE 2 hands on 1,023 octets of output, and a pager less; the performance data must fit, too.
constexpr std::size_t max_headline = 480;
constexpr std::size_t max_problem = 200;
constexpr std::size_t shown_problems = 3;

std::string_view status_word(Severity severity) {
  switch (severity) {
    case Severity::ok:
    case Severity::info:
      return "OK";
    case Severity::warning:
      return "WARNING";
    case Severity::critical:
      return "CRITICAL";
    case Severity::unknown:
      break;
  }
  return "UNKNOWN";
}

/// `|` starts performance data; Nagios reads `\n` of two characters as a line end and `$X$` as a
/// macro; notification commands put the text into a shell, and CGIs and urlize(1) into HTML.
char harmless(char c) {
  switch (c) {
    case '|':
    case '\\':
      return '/';
    case '<':
    case '{':
      return '(';
    case '>':
    case '}':
      return ')';
    case '`':
    case '"':
      return '\'';
    case '$':
    case '&':
    case ';':
      return ',';
    default:
      return c;
  }
}

std::string plain(std::string_view text, std::size_t columns) {
  // Cut first: a hostile text may be long.
  auto clean = text::truncate(text::sanitize(text.substr(0, 4 * columns)), columns);
  std::transform(clean.begin(), clean.end(), clean.begin(), harmless);
  return clean;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return result;
}

/// The title of the worst finding, with the target where the title does not name it.
std::string problem_of(const Report& report) {
  const Finding* worst = nullptr;
  std::size_t as_bad = 0;
  for (const auto& finding : report.findings) {
    if (finding.severity != report.status) continue;
    if (worst == nullptr) worst = &finding;
    ++as_bad;
  }
  std::string text = worst != nullptr ? worst->title : std::string();
  if (text.find(report.target) == std::string::npos)
    text = text.empty() ? report.target : report.target + ": " + text;
  if (as_bad > 1) text += fmt::format(" (+{})", as_bad - 1);
  return plain(text, max_problem);
}

}  // namespace

class NagiosStatus::Impl {
 public:
  void add(const Report& report);
  void add(const Error& error);
  std::string line() const;
  int exit_status() const;

 private:
  struct Count {
    std::size_t targets = 0;
    std::int64_t listed = 0, answered = 0, queried = 0;
    std::int64_t elapsed_ms = 0;
  };
  std::string headline() const;

  std::string command_;
  Severity worst_ = Severity::ok;
  std::map<Severity, std::size_t> severities_;
  std::map<Severity, std::vector<std::string>> problems_;  // a few of each
  std::string good_;                                       // said where nothing is wrong
  Count count_;
  bool has_lists_ = false;
};

void NagiosStatus::Impl::add(const Report& report) {
  command_ = report.command;
  worst_ = worse(worst_, report.status);
  ++severities_[report.status];
  ++count_.targets;
  count_.elapsed_ms = std::max(count_.elapsed_ms, report.elapsed_ms);
  if (report.result.find("queried") != nullptr) {
    has_lists_ = true;
    count_.listed += report.result["listed"].as_integer();
    count_.answered += report.result["answered"].as_integer();
    count_.queried += report.result["queried"].as_integer();
  }
  if (maildiag::exit_status(report.status) != 0) {
    auto& problems = problems_[report.status];
    if (problems.size() < shown_problems) problems.push_back(problem_of(report));
  } else if (good_.empty()) {
    good_ = problem_of(report);
  }
}

void NagiosStatus::Impl::add(const Error& error) {
  worst_ = worse(worst_, Severity::unknown);
  ++severities_[Severity::unknown];
  auto& problems = problems_[Severity::unknown];
  if (problems.size() < shown_problems) problems.push_back(plain(error.message, max_problem));
}

std::string NagiosStatus::Impl::headline() const {
  if (maildiag::exit_status(worst_) == 0) {
    if (count_.targets == 0) return "nothing was checked";
    return count_.targets == 1 ? good_ : fmt::format("{} targets in order", count_.targets);
  }
  std::string text;
  std::size_t shown = 0, bad = 0;
  for (const auto severity : {Severity::critical, Severity::unknown, Severity::warning}) {
    const auto counted = severities_.find(severity);
    if (counted != severities_.end()) bad += counted->second;
    const auto found = problems_.find(severity);
    if (found == problems_.end()) continue;
    for (const auto& problem : found->second) {
      if (shown == shown_problems) break;
      text += (shown++ == 0 ? "" : ", ") + problem;
    }
  }
  text = text::truncate(text, max_headline);
  if (bad > shown) text += fmt::format(" (+{})", bad - shown);
  return text;
}

std::string NagiosStatus::Impl::line() const {
  const auto of = [this](Severity severity) {
    const auto found = severities_.find(severity);
    return found != severities_.end() ? found->second : 0;
  };
  std::string line = fmt::format(
      "MAILDIAG{}{} {} - {} | targets={};;;0 critical={};;;0 warning={};;;0 "
      "unknown={};;;0",
      command_.empty() ? "" : " ", upper(plain(command_, 20)), status_word(worst_), headline(),
      count_.targets, of(Severity::critical), of(Severity::warning), of(Severity::unknown));
  if (has_lists_) {
    line += fmt::format(" listed={};;;0 answered={};;;0;{} queried={};;;0", count_.listed,
                        count_.answered, count_.queried, count_.queried);
  }
  line += fmt::format(" time={:.3f}s;;;0", static_cast<double>(count_.elapsed_ms) / 1000);
  return line;
}

int NagiosStatus::Impl::exit_status() const {
  return maildiag::exit_status(worst_);
}

NagiosStatus::NagiosStatus() : impl_(std::make_unique<Impl>()) {}
NagiosStatus::NagiosStatus(NagiosStatus&&) noexcept = default;
NagiosStatus& NagiosStatus::operator=(NagiosStatus&&) noexcept = default;
NagiosStatus::~NagiosStatus() = default;

void NagiosStatus::add(const Report& report) {
  impl_->add(report);
}

void NagiosStatus::add(const Error& error) {
  impl_->add(error);
}

std::string NagiosStatus::line() const {
  return impl_->line();
}

int NagiosStatus::exit_status() const {
  return impl_->exit_status();
}

}  // namespace maildiag
