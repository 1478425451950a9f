/// Text of the catalogue as mdoc(7).
#pragma once

#include <string>
#include <string_view>

namespace maildiag::rulebook {

/// A word for an argument of a macro: nothing in it means anything to roff.
std::string mdoc_word(std::string_view word);

/// Text lines of at most 78 columns, each sentence on a line of its own; ends with a newline unless
/// the text is empty.
std::string mdoc_text(std::string_view text);

}  // namespace maildiag::rulebook
