/// The languages of the catalogue.
#pragma once

#include <optional>
#include <string_view>

#include <maildiag/export.h>

namespace maildiag {

enum class Language { en, ko };

MAILDIAG_EXPORT std::string_view to_string(Language language);
/// "en", "ko", or a locale's name such as "ko_KR.UTF-8"; nullopt for anything else.
MAILDIAG_EXPORT std::optional<Language> language_from(std::string_view text);

}  // namespace maildiag
