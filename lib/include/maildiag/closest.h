/// What a mistyped word was probably meant to be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/export.h>

namespace maildiag {

/// Of `known` the words that are at most `slips` insertions, deletions and exchanges of a character
/// away, the nearest first and equals in the order of `known`; at most `count`.
MAILDIAG_EXPORT std::vector<std::string> closest(std::string_view word,
                                                 const std::vector<std::string>& known,
                                                 std::size_t slips = 2, std::size_t count = 1);

}  // namespace maildiag
