/// Domain names as people type them: where a slip is likelier than a name that DNS alone allows.
#pragma once

#include <optional>
#include <string_view>

#include "core/domain_name.h"

namespace maildiag {

/// DomainName::from_user(), and each label that begins with "xn--" is the A-label of something: its
/// punycode decodes (RFC 3492) to a label that is not ASCII and has no control characters. Labels
/// that only today's tables disallow (emoji) pass: such names are registered and answer. nullopt
/// also for what from_user() refuses.
std::optional<DomainName> domain_from_user(std::string_view text);

/// The last label is a number, decimal or hexadecimal: no top-level domain is (RFC 3696 section 2),
/// and who reads such a host out of a URL takes it for an address ("0x7f.1" is 127.0.0.1; RFC 3986
/// section 7.4).
bool ends_in_number(const DomainName& name);

/// The whole name of a host, as DomainName::from_user() reads it. nullopt also for one label, and
/// for what is a mistyped address, network or range: "192.0.2.555", "example.com/24",
/// "192.0.2.1-9".
std::optional<DomainName> host_from_user(std::string_view text);

}  // namespace maildiag
