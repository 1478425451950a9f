#include "session/fill_texts.h"

#include <map>
#include <string>

#include "core/text.h"

namespace maildiag::session {

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

  struct Filled {
    std::string text;
    bool gap = false;  ///< a placeholder was empty
  };
  Filled fill(std::string_view pattern) const {
    Filled filled;
    filled.text = text::fill_template(pattern, [this, &filled](std::string_view name) {
      const auto found = values_.find(name);
      if (found == values_.end()) return static_cast<const std::string*>(nullptr);
      filled.gap = filled.gap || found->second.empty();
      return &found->second;
    });
    return filled;
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

std::string without_tail(const Filler::Filled& filled) {
  if (!filled.gap) return filled.text;
  return filled.text.substr(0, filled.text.find_last_not_of(" :-") + 1);
}

}  // namespace

void fill_texts(Finding& finding, const rulebook::FindingText& text, Language language) {
  const Filler filler(finding, language);
  finding.title = without_tail(filler.fill(text.title.in(language)));
  finding.detail = text::trim(filler.fill(text.detail.in(language)).text);
  finding.reference = text.reference;
  finding.remedy.clear();
  for (const auto step : text.remedy.in(language)) {
    auto filled = filler.fill(step);
    if (!filled.gap) finding.remedy.push_back(std::move(filled.text));
  }
}

}  // namespace maildiag::session
