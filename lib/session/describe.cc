#include "core/text.h"
#include "session/fill_texts.h"
#include "session/hide_secrets.h"
#include "session/impl.h"

namespace maildiag {

void session::hide_secrets(Report& report, const SecretMask& mask) {
  if (mask.empty()) return;
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
  session::hide_secrets(report, *mask);
  report.elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
}

std::string Session::Impl::say(std::string_view id, const session::Words& words) const {
  return text::fill_template(label(id), [&words](std::string_view name) {
    const auto found = words.find(name);
    return found == words.end() ? nullptr : &found->second;
  });
}

Error session::cancelled_error(const Session::Impl& impl, std::string_view label,
                               const Words& words) {
  return {ErrorCode::cancelled, impl.say("run.cancelled", {{"what", impl.say(label, words)}})};
}

Error session::targets_left_out(const Session::Impl& impl, std::size_t missing, std::size_t all) {
  return cancelled_error(impl, "run.left.targets",
                         {{"missing", std::to_string(missing)}, {"all", std::to_string(all)}});
}

Report session::new_report(std::string command, std::string target) {
  Report report;
  report.command = std::move(command);
  report.target = std::move(target);
  report.started = std::chrono::system_clock::now();
  return report;
}

}  // namespace maildiag
