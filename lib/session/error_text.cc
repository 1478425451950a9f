// Error -> its message in a language. The code says its faults in English; rules/faults.toml has
// each sentence in both languages.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include <maildiag/error.h>
#include <maildiag/interface.h>

#include "rulebook/rulebook.h"
#include "session/built_in.h"

namespace maildiag {

namespace {

constexpr std::string_view fault_family = "fault.";
/// Words that fill a placeholder. Any other argument is somebody's, whatever it says.
constexpr std::string_view phrase_family = "fault.phrase.";

/// A sentence has "{}" for what the catalogue calls {0}, {1} and so on.
bool is_sentence(std::string_view english, std::string_view sentence) {
  while (!english.empty() && !sentence.empty() && english.front() == sentence.front()) {
    const bool placeholder = english.size() > 2 && english.front() == '{' && english[2] == '}';
    english.remove_prefix(placeholder ? 2 : 1);
    sentence.remove_prefix(1);
  }
  return english.empty() && sentence.empty();
}

const rulebook::Label* find_sentence(std::string_view sentence, std::string_view family) {
  const auto labels = session::built_in_rulebook().labels();  // by id
  const auto first = std::lower_bound(
      labels.begin(), labels.end(), family,
      [](const rulebook::Label& label, std::string_view id) { return label.id < id; });
  const auto found = std::find_if(first, labels.end(), [sentence, family](const auto& label) {
    return label.id.starts_with(family) && is_sentence(label.text.en, sentence);
  });
  return found == labels.end() ? nullptr : &*found;
}

/// What fills a placeholder may be words of ours: "a whole number from 1 to 20".
std::string phrase_text(const std::string& argument, Language language) {
  const auto* phrase = find_sentence(argument, phrase_family);
  return phrase == nullptr ? argument : std::string(phrase->text.in(language));
}

}  // namespace

std::string error_text(const Error& error, Language language) {
  if (language == Language::en || error.sentence.empty()) return error.message;
  const auto* sentence = find_sentence(error.sentence, fault_family);
  if (sentence == nullptr) return error.message;
  std::map<std::string, std::string> words;
  for (const auto& argument : error.arguments)
    words.emplace(std::to_string(words.size()), phrase_text(argument, language));
  return error.place + interface_text(sentence->id, language, words);
}

}  // namespace maildiag
