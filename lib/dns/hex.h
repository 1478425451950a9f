/// Octets in hexadecimal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace maildiag::dns {

std::string to_hex(std::string_view octets);
/// nullopt: an odd number of digits, or something else than digits.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace maildiag::dns
