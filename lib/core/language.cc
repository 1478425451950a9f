#include <maildiag/language.h>

namespace maildiag {

std::string_view to_string(Language language) {
  return language == Language::ko ? "ko" : "en";
}

std::optional<Language> language_from(std::string_view text) {
  // "ko", "ko_KR.UTF-8", "ko-KR": the language ends at the first character that is no letter.
  const auto end = text.find_first_of("_-.@");
  const auto language = text.substr(0, end);
  if (language == "ko") return Language::ko;
  if (language == "en" || language == "C" || language == "POSIX") return Language::en;
  return std::nullopt;
}

}  // namespace maildiag
