#include "session/fill_texts.h"

#include <string>

#include "core/text.h"

namespace maildiag::session {

namespace {

class Filler {
 public:
  Filler(const Finding& finding, Language language) : finding_(finding), language_(language) {}

  struct Filled {
    std::string text;
    bool gap = false;  ///< a placeholder was empty
  };
  Filled fill(std::string_view pattern) {
    Filled filled;
    filled.text = text::fill_template(pattern, [this, &filled](std::string_view name) {
      const auto* found = find(name);
      filled.gap = filled.gap || (found != nullptr && found->empty());
      return found;
    });
    return filled;
  }

 private:
  /// What stands for a placeholder; good until the next call. nullptr: there is none of this name.
  const std::string* find(std::string_view name) {
    const Value* value = finding_.data.find(name);
    if (value == nullptr) return name == "subject" ? &finding_.subject : nullptr;
    // {en, ko} members are read in the reader's language.
    const Value* localised = value->find(to_string(language_));
    if (localised == nullptr || localised->as_string().empty()) localised = value->find("en");
    if (localised != nullptr) value = localised;
    if (localised != nullptr || value->is_string()) return &value->as_string();
    text_ = value->to_text();
    return &text_;
  }

  const Finding& finding_;
  Language language_;
  std::string text_;
};

std::string without_tail(const Filler::Filled& filled) {
  if (!filled.gap) return filled.text;
  return filled.text.substr(0, filled.text.find_last_not_of(" :-") + 1);
}

}  // namespace

void fill_texts(Finding& finding, const rulebook::FindingText& text, Language language) {
  Filler filler(finding, language);
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
