/// The case of letters as RE2 sees it when it ignores case, as far as it is known here: of ASCII,
/// Latin-1 and Latin Extended-A, and Russian. CJK, Hangul and punctuation are known to have none.
#pragma once

#include <string>
#include <string_view>

#include "rulebook/loader/pattern_tree.h"

namespace maildiag::rulebook {

/// The same for all that RE2 takes for one another: the small letter, mostly. The point itself
/// where it has no other case, or none that is known.
char32_t folded(char32_t point);

/// Whether of each of them folded() knows all that RE2 takes for it. ASCII is not asked for.
bool is_case_known(PointRange range);

/// Whether besides no one of them is taken for another point: folded() leaves them alone.
bool are_caseless(PointRange range);

/// The form of a text in which literals are searched, and patterns tried: each character folded().
/// Octets that are no UTF-8 stay.
std::string fold(std::string_view text);

}  // namespace maildiag::rulebook
