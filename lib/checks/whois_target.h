/// What can be registered: domains, networks, AS numbers.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/domain_name.h"
#include "core/ip_address.h"

namespace maildiag::checks::whois {

struct AsNumber {
  std::uint32_t value = 0;
  friend auto operator<=>(const AsNumber&, const AsNumber&) = default;
};

/// A single address is a network of full length.
using Target = std::variant<DomainName, IpNetwork, AsNumber>;

/// "example.com", "192.0.2.1", "192.0.2.0/24", "AS64496". nullopt: none of these.
std::optional<Target> parse_target(std::string_view text);
/// As registries are asked: "192.0.2.1", "192.0.2.0/24", "AS64496", A-labels in lower case.
std::string to_string(const Target& target);
/// "domain", "network", "as-number"
std::string_view kind_of(const Target& target);
/// "681" or "4608-4865"; nullopt: no such range.
struct AsRange {
  std::uint32_t first = 0, last = 0;
};
std::optional<AsRange> parse_as_range(std::string_view text);
/// Whether what a registry calls a range ("192.0.2.0 - 192.0.2.255", "192.0.2.0/24,
/// 198.51.100.0/24", "AS64496", "64496 - 64511") is another one than the target's. False where it
/// cannot be read.
bool is_elsewhere(std::string_view range, const Target& target);

}  // namespace maildiag::checks::whois
