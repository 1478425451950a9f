/// What octets are, by how the text would look.
#pragma once

#include <string_view>

namespace maildiag {

/// True if `text`, octets of an unknown charset read as CP949, looks Korean. Any two octets above
/// ASCII are some character of it; REQUIRES: valid UTF-8.
bool looks_korean(std::string_view text);

/// How UTF-16 stands in octets without a byte order mark that announce it.
enum class Wide { none, little, big };
/// `declared`: the order that was announced, none if none was. Programs turn a text into UTF-8 and
/// leave its label as it was: the label is believed unless the octets speak against it.
Wide wide_order(std::string_view octets, Wide declared);

}  // namespace maildiag
