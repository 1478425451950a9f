#include "session/reputation.h"

#include <string>
#include <utility>
#include <vector>

#include "core/text.h"

namespace maildiag {

namespace {

constexpr std::string_view prefix = "reputation.";

std::string text_of(const session::Target& target) {
  const auto* ip = std::get_if<IpAddress>(&target);
  return ip != nullptr ? ip->to_string() : std::get<DomainName>(target).to_string();
}

/// The pages that the steps name, for programs.
Value links_in(const Finding& finding) {
  Value links = Value::array();
  for (const auto& step : finding.remedy) {
    for (auto word : text::split(step, ' ')) {
      if (!word.starts_with("https://")) continue;
      while (word.ends_with('.') || word.ends_with(',')) word.remove_suffix(1);
      links.push(word);
    }
  }
  return links;
}

}  // namespace

std::optional<Finding> session::reputation_of(const Session::Impl& impl, std::string_view entry,
                                              const Target& target) {
  const auto id = std::string(prefix) + std::string(entry);
  if (impl.rulebook->finding_text(id) == nullptr) return std::nullopt;
  Finding finding;
  finding.id = id;
  finding.severity = Severity::info;
  finding.subject = text_of(target);
  const bool is_address = std::holds_alternative<IpAddress>(target);
  // A step that needs the other kind is left out.
  finding.data.set("ip", is_address ? finding.subject : "");
  finding.data.set("domain", is_address ? "" : finding.subject);
  std::vector<Finding> filled{std::move(finding)};
  impl.describe(filled);
  if (filled.front().remedy.empty()) return std::nullopt;
  filled.front().data.set("links", links_in(filled.front()));
  return std::move(filled.front());
}

void Session::reputation(const std::vector<std::string>& targets, const ReportSink& sink,
                         const ErrorSink& errors) {
  for (const auto& text : targets) {
    std::vector<session::Target> all;
    const auto expanded = session::expand_target(text, [&all](const session::Target& each) {
      all.push_back(each);
      return all.size() < 2;
    });
    if (!expanded || all.size() != 1) {
      errors(expanded ? make_error(ErrorCode::usage,
                                   "`{}` is more than one address: give each by itself", text)
                      : expanded.error());
      continue;
    }
    auto report = session::new_report("reputation", text);
    Value services = Value::array();
    for (const auto& entry : impl_->rulebook->finding_texts()) {
      if (!entry.id.starts_with(prefix)) continue;
      auto finding = session::reputation_of(*impl_, entry.id.substr(prefix.size()), all.front());
      if (!finding) continue;
      services.push(Value::object({{"id", entry.id.substr(prefix.size())},
                                   {"title", finding->title},
                                   {"links", finding->data["links"]}}));
      report.findings.push_back(std::move(*finding));
    }
    report.result = Value::object({{"services", std::move(services)}});
    impl_->finish(report);
    report.status = Severity::ok;  // a list of pages says nothing about the target
    if (!sink(report)) return;
  }
}

}  // namespace maildiag
