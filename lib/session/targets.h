/// What a user may give to rblcheck: addresses, networks, ranges, names.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "core/domain_name.h"
#include "core/ip_address.h"
#include "core/result.h"

namespace maildiag::session {

inline constexpr std::uint32_t max_network_addresses =
    65536;  ///< a /16; more is a list operator's work

using Target = std::variant<IpAddress, DomainName>;

/// Calls `sink` with each address of "192.0.2.1", "192.0.2.0/28", "192.0.2.1-192.0.2.9",
/// "2001:db8::1", or with the name. Stops when the sink returns false. usage: none of these, or
/// more than max_network_addresses.
Result<void> expand_target(const std::string& text, const std::function<bool(Target)>& sink);

}  // namespace maildiag::session
