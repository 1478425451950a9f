/// JSON text into values: what other runs wrote.
#pragma once

#include <optional>
#include <string_view>

#include <maildiag/value.h>

namespace maildiag::report {

/// Objects and arrays inside each other; ours nest six deep, and a deeper text only costs memory.
inline constexpr int max_json_depth = 32;

/// nullopt: not JSON, or nested too deep.
std::optional<Value> parse_json(std::string_view text);

}  // namespace maildiag::report
