/// Sets of characters within a rule's pattern: `[a-z]`, `\d`.
#pragma once

#include <string_view>

#include "rulebook/loader/pattern_tree.h"

namespace maildiag::rulebook {

constexpr bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// `\d`, `\s`, `\w` and their opposites; false: `name` is none of them.
bool add_named_set(char name, PatternNode& set);

/// A bracket expression, which is taken off. REQUIRES: `pattern` begins with its bracket; RE2
/// accepts it.
PatternNode take_class(std::string_view& pattern);

}  // namespace maildiag::rulebook
