/// JSON text into values: what other runs wrote, and what strangers send.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <maildiag/value.h>

namespace maildiag {

/// Objects and arrays inside each other; ours nest six deep, RDAP's ten, and a deeper text only
/// costs memory.
inline constexpr int max_json_depth = 32;
/// Values in one text, containers among them: a value takes up to 100 times the two octets that
/// stand for it. The largest summary of our own has a million.
inline constexpr std::size_t max_json_values = 2'000'000;

/// nullopt: not JSON, nested too deep, or too many values. Linear in time and memory. Of members
/// with one name Value::find() sees the first.
std::optional<Value> parse_json(std::string_view text);

}  // namespace maildiag
