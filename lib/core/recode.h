/// One call of iconv(3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace maildiag {

/// `from` and `to` are names of our own, never a stranger's. nullopt: the octets do not fit, and
/// `replace`, which puts U+FFFD in the place of each that does not, is false.
std::optional<std::string> convert(std::string_view octets, const char* from, const char* to,
                                   bool replace);

}  // namespace maildiag
