#include <fmt/format.h>

#include "session/fill_texts.h"
#include "session/impl.h"

namespace maildiag {

namespace {

void mask_report(Report& report, const SecretMask& mask) {
  report.target = mask.apply(report.target);
  mask.apply(report.result);
  for (auto& finding : report.findings) {
    for (auto* text : {&finding.subject, &finding.title, &finding.detail})
      *text = mask.apply(*text);
    for (auto& step : finding.remedy) step = mask.apply(step);
    mask.apply(finding.data);
    for (auto& evidence : finding.evidence) mask.apply(evidence.data);
  }
}

}  // namespace

void Session::Impl::describe(std::vector<Finding>& findings) const {
  for (auto& finding : findings) {
    const auto* text = rulebook->finding_text(finding.id);
    if (text == nullptr) {
      finding.title = finding.id;
    } else {
      session::fill_texts(finding, *text, options.language);
    }
  }
}

void Session::Impl::finish(Report& report) const {
  describe(report.findings);
  for (const auto& finding : report.findings)
    report.status = worse(report.status, finding.severity);
  const auto elapsed = std::chrono::system_clock::now() - report.started;
  if (!mask->empty()) mask_report(report, *mask);
  report.elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
}

Error session::cancelled_error(const std::string& what_is_missing) {
  return {ErrorCode::cancelled, "cancelled: " + what_is_missing};
}

std::string session::targets_left_out(std::size_t missing, std::size_t all) {
  return fmt::format("{} of {} targets were not finished", missing, all);
}

Report session::new_report(std::string command, std::string target) {
  Report report;
  report.command = std::move(command);
  report.target = std::move(target);
  report.started = std::chrono::system_clock::now();
  return report;
}

}  // namespace maildiag
