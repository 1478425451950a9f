/// Whose address is meant in words that are no reply of a remote host.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/ip_address.h"

namespace maildiag::bounce {

/// What has no code may be our own server's words about another host, so that an address counts
/// only where the grammar leaves no other reading: nothing but known words may stand between it and
/// what makes it the client's, and nothing that makes it a server's beside it.
/// REQUIRES: `lower` in lower case.

/// Addresses that are called the client's: "client host [x]", "your IP is x", "발신 IP x".
std::vector<IpAddress> client_ips_named_in(std::string_view lower);

/// The only address of the words, where they judge it as a client's: its reverse name, its
/// reputation, its place on a list, or its mail. `own_domain`: a host of it in front of the address
/// may be the client; empty: not known.
std::optional<IpAddress> client_ip_judged_in(std::string_view lower, std::string_view own_domain);

}  // namespace maildiag::bounce
