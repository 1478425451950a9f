#include "dns/hex.h"

#include <charconv>
#include <cstdint>

namespace maildiag::dns {

std::string to_hex(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * octets.size());
  for (const char octet : octets) {
    text += digits[static_cast<unsigned char>(octet) >> 4U];
    text += digits[static_cast<unsigned char>(octet) & 0xfU];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string octets;
  octets.reserve(digits.size() / 2);
  for (; !digits.empty(); digits.remove_prefix(2)) {
    std::uint8_t octet = 0;
    const auto* pair = digits.data();
    const auto [end, fault] = std::from_chars(pair, pair + 2, octet, 16);
    if (fault != std::errc() || end != pair + 2) return std::nullopt;
    octets += static_cast<char>(octet);
  }
  return octets;
}

}  // namespace maildiag::dns
