/// Encoded words of mail fields; see core/charset.h for the charsets.
#pragma once

#include <string>
#include <string_view>

#include "core/charset.h"

namespace maildiag::bounce {

/// Encoded words (RFC 2047) of a field's value, as UTF-8; raw 8-bit octets as by to_utf8.
std::string decode_words(std::string_view value);

}  // namespace maildiag::bounce
