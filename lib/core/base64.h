/// Base64 of strangers (RFC 4648 section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace maildiag {

/// nullopt: an octet outside the alphabet, wrong padding. REQUIRES: no white space in it.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace maildiag
