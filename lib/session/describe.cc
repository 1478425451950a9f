#include <map>
#include <optional>

#include "core/text.h"
#include "session/impl.h"

namespace maildiag {

namespace {

/// {en, ko} members are read in the reader's language.
std::string member_text(const Value& value, Language language) {
  const Value* localised = value.find(to_string(language));
  if (localised == nullptr || localised->as_string().empty()) localised = value.find("en");
  return localised != nullptr ? localised->as_string() : value.to_text();
}

class Filler {
 public:
  Filler(const Finding& finding, Language language) {
    values_["subject"] = finding.subject;
    for (const auto& member : finding.data.as_object())
      values_[member.key] = member_text(member.value, language);
  }
  std::string fill(std::string_view pattern) const {
    return text::fill_template(pattern, [this](std::string_view name) {
      const auto found = values_.find(name);
      return found != values_.end() ? &found->second : nullptr;
    });
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace

void Session::Impl::describe(std::vector<Finding>& findings) const {
  for (auto& finding : findings) {
    const auto* text = rulebook->finding_text(finding.id);
    if (text == nullptr) {
      finding.title = finding.id;
      continue;
    }
    const Filler filler(finding, options.language);
    finding.title = filler.fill(text->title.in(options.language));
    finding.detail = filler.fill(text->detail.in(options.language));
    finding.reference = text->reference;
    for (const auto step : text->remedy.in(options.language))
      finding.remedy.push_back(filler.fill(step));
  }
}

void Session::Impl::finish(Report& report) const {
  describe(report.findings);
  for (const auto& finding : report.findings)
    report.status = worse(report.status, finding.severity);
  const auto elapsed = std::chrono::system_clock::now() - report.started;
  report.elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
}

Report session::new_report(std::string command, std::string target) {
  Report report;
  report.command = std::move(command);
  report.target = std::move(target);
  report.started = std::chrono::system_clock::now();
  return report;
}

}  // namespace maildiag
