/// Which answers of a DNS list a code means.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace maildiag::rulebook {

/// Each octet lies between the two; a range "127.0.0.4-127.0.0.7" runs in one octet only.
struct OctetRanges {
  std::array<std::uint8_t, 4> least{}, most{};
};
/// "127.0.0.2", "127.0.0.4-127.0.0.7", "127.0.*.3".
std::optional<OctetRanges> parse_list_code(std::string_view code);

}  // namespace maildiag::rulebook
