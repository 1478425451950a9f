/// Octets of any declared (or wrongly declared) charset into UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace maildiag {

/// Always valid UTF-8. The declared charset is believed when the octets fit it; otherwise UTF-8,
/// then CP949 (where they look Korean) are tried, and at last the misfits become U+FFFD. Names
/// outside an allow-list never reach iconv: they come from strangers.
std::string to_utf8(std::string_view octets, std::string_view charset);

}  // namespace maildiag
