/// Registrations out of port-43 answers: the styles of the RIRs (RPSL, ARIN), KRNIC, JPRS, Verisign
/// and the registries like them.
#pragma once

#include <optional>

#include "checks/whois_registration.h"
#include "checks/whois_target.h"
#include "checks/whois_text.h"

namespace maildiag::checks::whois {

/// nullopt: nothing in it tells of such a target.
std::optional<Registration> read_record(const WhoisText& text, const Target& target);

}  // namespace maildiag::checks::whois
