/// A small language for sentences of which every word is known.
#pragma once

#include <optional>
#include <string_view>

namespace maildiag::bounce {

/// The text behind `pattern`, where `text` begins with it. Blanks part places, "|" the words that
/// may stand there, the first that fits; "?": or none; "_" is a blank; capitals stand for groups of
/// words.
std::optional<std::string_view> behind_pattern(std::string_view pattern, std::string_view text);

}  // namespace maildiag::bounce
