/// How whois findings are made of a finished lookup.
#pragma once

#include "checks/whois.h"

namespace maildiag::checks::whois {

/// What the registry said, or why nobody did. `answer` holds the reason and the evidence; empty
/// where the cache knew it.
void add_registration(WhoisReport& report, const Answer& answer, WallTime now);
/// The target is in no registry (RFC 6890, RFC 5398).
void add_special(WhoisReport& report);

/// Who enters the PTR records of the holder's block, as far as the registry says it: his technical
/// desk, else the one for abuse.
Contact reverse_contact(const Registration& registration);
/// ptr.holder. REQUIRES: the report is of a found one.
void add_holder(WhoisReport& report, const IpAddress& ip);
/// ptr.holder-unknown, where a registry was asked and told nothing.
void add_holder_unknown(WhoisReport& report, const Answer& answer, const IpAddress& ip);

}  // namespace maildiag::checks::whois
