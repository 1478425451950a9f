/// JSON text into values: what other runs wrote, and what strangers send.
#pragma once

#include <optional>
#include <string_view>

#include <maildiag/value.h>

namespace maildiag {

/// Objects and arrays inside each other; ours nest six deep, RDAP's ten, and a deeper text only
/// costs memory.
inline constexpr int max_json_depth = 32;

/// nullopt: not JSON, or nested too deep. Linear in time and memory. Of members with one name
/// Value::find() sees the first.
std::optional<Value> parse_json(std::string_view text);

}  // namespace maildiag
