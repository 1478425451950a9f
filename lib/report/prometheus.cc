#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include <maildiag/monitoring.h>

#include "core/clock.h"
#include "core/text.h"

// https://prometheus.io/docs/instrumenting/exposition_formats/. node_exporter skips a file with a
// timestamp in it, and refuses all files where two say different HELP texts of one name or hold the
// same series: so the texts are constants, and each series carries its command and a target; those
// of a whole run carry its first one.

namespace maildiag {

namespace {

/// A scrape of more does the server no good; what is left out is counted, so that it can alert.
constexpr std::size_t max_series = 20000;
/// A domain name has 253 octets; a file's name may have more.
constexpr std::size_t max_label = 255;

struct Family {
  const char* name;
  const char* help;
};
constexpr std::array families{
    Family{"maildiag_status",
           "Worst severity found for a target: 0 ok, 1 warning, 2 critical, 3 unknown."},
    Family{"maildiag_findings", "Findings about a target, by severity."},
    Family{"maildiag_dnsbl_listed",
           "Whether a DNS list has the target: 1 listed, 0 believably not listed."},
    Family{"maildiag_dnsbl_answered",
           "Whether a DNS list gave an answer about the target that can be believed."},
    Family{"maildiag_smtp_connect_seconds", "How long the connection to a mail server took."},
    Family{"maildiag_smtp_greeting_seconds", "How long a mail server took to greet."},
    Family{"maildiag_certificate_end_time_seconds",
           "When the certificate of a server expires, in Unix time."},
    Family{"maildiag_run_errors", "Targets and inputs that could not be worked on."},
    Family{"maildiag_run_omitted_series", "Series left out because there were too many."},
    Family{"maildiag_run_duration_seconds", "How long the longest report of the run took."},
    Family{"maildiag_run_end_time_seconds", "When the last report was ready, in Unix time."}};

/// Backslash, quote and line feed are the escapes of a label's value.
std::string label_value(std::string_view text) {
  std::string value;
  for (const char c : text::truncate(text::sanitize(text.substr(0, 4 * max_label)), max_label)) {
    if (c == '\\' || c == '"') value += '\\';
    value += c;
  }
  return value;
}

using Pairs = std::initializer_list<std::pair<const char*, std::string_view>>;

std::string label_set(Pairs pairs) {
  std::string text = "{";
  for (const auto& [name, value] : pairs)
    text += fmt::format("{}{}=\"{}\"", text.size() > 1 ? "," : "", name, label_value(value));
  return text + "}";
}

/// critical > unknown > warning > ok as a number that grows, so that the worse of two is kept.
double badness(double status) {
  constexpr std::array<double, 4> rank{0, 1, 3, 2};
  return rank.at(static_cast<std::size_t>(status));
}

}  // namespace

class PrometheusText::Impl {
 public:
  void add(const Report& report);
  void add(const Error& error);
  std::string text() const;

 private:
  using Labels = std::string;  // rendered: {a="b"}
  void add_smtp(const Report& report, const Labels& labels);
  bool admit(const char* family, const Labels& labels, double value, bool keep_larger);

  struct Run {
    std::string first_target;
    double end, seconds;
  };
  std::map<std::string, std::map<Labels, double>> families_;
  std::size_t series_ = 0, omitted_ = 0, errors_ = 0;
  std::map<std::string, Run> runs_;  // by command
};

bool PrometheusText::Impl::admit(const char* family, const Labels& series_labels, double value,
                                 bool keep_larger) {
  auto& series = families_[family];
  if (const auto found = series.find(series_labels); found != series.end()) {
    if (keep_larger) found->second = std::max(found->second, value);
    return true;
  }
  if (series_ == max_series) {
    ++omitted_;
    return false;
  }
  ++series_;
  series.emplace(series_labels, value);
  return true;
}

void PrometheusText::Impl::add(const Report& report) {
  const std::string_view command = report.command, target = report.target;
  const auto run = runs_.try_emplace(report.command, Run{report.target, 0, 0}).first;
  auto& [first, end, seconds] = run->second;
  const auto finished = report.started + std::chrono::milliseconds(report.elapsed_ms);
  end = std::max(end, std::chrono::duration<double>(finished.time_since_epoch()).count());
  seconds = std::max(seconds, static_cast<double>(report.elapsed_ms) / 1000);

  // A target may come twice, for instance as an address of two hosts.
  const auto target_labels = label_set({{"command", command}, {"target", target}});
  const auto status = static_cast<double>(maildiag::exit_status(report.status));
  if (admit("maildiag_status", target_labels, status, false)) {
    auto& stored = families_["maildiag_status"][target_labels];
    if (badness(status) > badness(stored)) stored = status;
  }

  std::array<double, 4> counts{};  // ok and info together, as in exit codes
  for (const auto& finding : report.findings)
    counts.at(static_cast<std::size_t>(maildiag::exit_status(finding.severity))) += 1;
  constexpr std::array words{"ok", "warning", "critical", "unknown"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    admit("maildiag_findings",
          label_set({{"command", command}, {"target", target}, {"severity", words.at(i)}}),
          counts.at(i), true);
  }
  if (report.command == "smtpcheck") add_smtp(report, target_labels);
  for (const auto& list : report.result["lists"].as_array()) {
    const auto& state = list["state"].as_string();
    if (state.empty() || state == "skipped") continue;
    const auto zone_labels =
        label_set({{"command", command}, {"target", target}, {"zone", list["zone"].as_string()}});
    const bool listed = state == "listed";
    const bool answered = listed || state == "not-listed" || state == "allowed";
    admit("maildiag_dnsbl_answered", zone_labels, answered ? 1 : 0, true);
    // Of a list without an answer neither 0 nor 1 is true.
    if (answered) admit("maildiag_dnsbl_listed", zone_labels, listed ? 1 : 0, true);
  }
}

/// Of smtpcheck. What was not reached has no series.
void PrometheusText::Impl::add_smtp(const Report& report, const Labels& labels) {
  const auto& result = report.result;
  constexpr double per_second = 1000;
  if (const auto& time = result["connect_ms"]; time.is_double())
    admit("maildiag_smtp_connect_seconds", labels, time.as_double() / per_second, true);
  if (const auto& time = result["banner_ms"]; time.is_double())
    admit("maildiag_smtp_greeting_seconds", labels, time.as_double() / per_second, true);
  const auto& end = result["starttls"]["certificate"]["not_after"];
  if (const auto time = from_rfc3339(end.as_string())) {
    admit("maildiag_certificate_end_time_seconds", labels,
          std::chrono::duration<double>(time->time_since_epoch()).count(), true);
  }
}

void PrometheusText::Impl::add(const Error&) {
  ++errors_;
}

std::string PrometheusText::Impl::text() const {
  auto all = families_;
  for (const auto& [command, run] : runs_) {
    const auto run_labels = label_set({{"command", command}, {"first_target", run.first_target}});
    all["maildiag_run_end_time_seconds"][run_labels] = run.end;
    all["maildiag_run_duration_seconds"][run_labels] = run.seconds;
    all["maildiag_run_errors"][run_labels] = static_cast<double>(errors_);
    all["maildiag_run_omitted_series"][run_labels] = static_cast<double>(omitted_);
  }
  std::string text;
  for (const auto& family : families) {
    const auto found = all.find(family.name);
    if (found == all.end()) continue;
    fmt::format_to(std::back_inserter(text), "# HELP {} {}\n# TYPE {} gauge\n", family.name,
                   family.help, family.name);
    for (const auto& [series_labels, value] : found->second)
      fmt::format_to(std::back_inserter(text), "{}{} {}\n", family.name, series_labels, value);
  }
  return text;
}

PrometheusText::PrometheusText() : impl_(std::make_unique<Impl>()) {}
PrometheusText::PrometheusText(PrometheusText&&) noexcept = default;
PrometheusText& PrometheusText::operator=(PrometheusText&&) noexcept = default;
PrometheusText::~PrometheusText() = default;

void PrometheusText::add(const Report& report) {
  impl_->add(report);
}

void PrometheusText::add(const Error& error) {
  impl_->add(error);
}

std::string PrometheusText::text() const {
  return impl_->text();
}

}  // namespace maildiag
