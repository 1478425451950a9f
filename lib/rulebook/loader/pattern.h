/// What a rule's pattern demands of any text that it matches, found without running it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag::rulebook {

struct PatternNeeds {
  /// Lower case; one of these stands in every folded text that the pattern matches. Empty: nothing
  /// is known.
  std::vector<std::string> literals;
  /// The same for another place of the pattern: one of these stands there, too.
  std::vector<std::string> also;
  /// Each valid text in which, folded, one of the literals stands matches.
  bool enough = false;
  /// Literal characters in the shortest match.
  int literal_length = 0;
};

/// REQUIRES: RE2 accepts `pattern`. What the analysis does not understand demands nothing, so it
/// may only cost time.
PatternNeeds pattern_needs(std::string_view pattern);

}  // namespace maildiag::rulebook
