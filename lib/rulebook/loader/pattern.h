/// What a rule's pattern demands of any text that it matches, found without running it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag::rulebook {

/// In lower case.
using Literals = std::vector<std::string>;
/// Of each set of one of them, one literal stands in a text.
using LiteralWays = std::vector<std::vector<Literals>>;
/// A shorter literal stands in most texts and tells nothing.
inline constexpr std::size_t least_octets_in_ways = 3;

struct PatternNeeds {
  /// One of these stands in every folded text that the pattern matches. Empty: nothing is known.
  Literals literals;
  /// What else is known of such a text: it is in one of these ways. Each literal has
  /// least_octets_in_ways or more.
  LiteralWays ways;
  /// Each valid text in which, folded, one of the literals stands matches.
  bool enough = false;
  /// Literal characters in the shortest match.
  int literal_length = 0;
};

/// REQUIRES: RE2 accepts `pattern`. What the analysis does not understand demands nothing, so it
/// may only cost time.
PatternNeeds pattern_needs(std::string_view pattern);

}  // namespace maildiag::rulebook
