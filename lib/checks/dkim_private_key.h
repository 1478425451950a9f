/// Private keys where only public ones belong.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace maildiag::checks::dkim {

/// Where a private key begins in a text, whatever stands before it: a tag, a misspelt one, prose or
/// nothing. PEM, or the base64 of PKCS#1, PKCS#8 (encrypted ones, too), SEC 1 or OpenSSH, whole,
/// cut off, or without its first letters; what is no letter of base64 may stand in it. Takes time
/// that grows with the text's length.
std::optional<std::size_t> find_private_key(std::string_view text);

}  // namespace maildiag::checks::dkim
