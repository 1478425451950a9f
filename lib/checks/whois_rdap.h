/// RDAP answers (RFC 9083) as registrations.
#pragma once

#include <optional>
#include <string>

#include <maildiag/value.h>

#include "checks/whois_registration.h"
#include "checks/whois_target.h"

namespace maildiag::checks::whois {

/// nullopt: no object of the target's class, or one that says it is another's. What is missing or
/// malformed inside stays empty.
std::optional<Registration> read_rdap(const Value& object, const Target& target);

/// The path below a server's base URL (RFC 9082 section 3.1): "domain/example.com", "ip/192.0.2.1",
/// "autnum/64496".
std::string rdap_path(const Target& target);

}  // namespace maildiag::checks::whois
