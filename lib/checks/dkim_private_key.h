/// Private keys where only public ones belong.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace maildiag::checks::dkim {

/// Where a private key begins in a text, whatever stands before it: a tag, a misspelt one, prose or
/// nothing. PEM, or the base64 of PKCS#1, PKCS#8, SEC 1 or OpenSSH, whole or cut off; blanks,
/// quotation marks and backslashes may stand in it.
std::optional<std::size_t> find_private_key(std::string_view text);

}  // namespace maildiag::checks::dkim
