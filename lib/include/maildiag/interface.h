/// What the command says beside its reports: help, faults of a command line, notices. All of it
/// stands in the catalogue, in both languages.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include <maildiag/export.h>
#include <maildiag/language.h>

namespace maildiag {

/// A text by its id, with `words` in its {placeholders}; where there is none, the id. Thread-safe.
MAILDIAG_EXPORT std::string interface_text(std::string_view id, Language language,
                                           const std::map<std::string, std::string>& words = {});

/// "  NAME   text": the text wrapped in its own column, which starts `column` columns after the
/// indent; wide characters take two. Control characters are escaped. Ends with a line end.
MAILDIAG_EXPORT std::string interface_entry(const std::string& name, const std::string& text,
                                            std::size_t column, std::size_t width = 80);

}  // namespace maildiag
