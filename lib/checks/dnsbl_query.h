/// One question to one list, and how its answer is read.
#pragma once

#include "checks/dnsbl.h"

namespace maildiag::checks {

/// Where a target is asked in a zone: reversed address or the domain in front (RFC 5782
/// section 2.1, 2.4, 3). nullopt: too long.
std::optional<DomainName> list_question(const DnsblTarget& target, const DomainName& zone);

/// Asks the list and, unless told not to, its own test entries (RFC 5782 section 5): "listed" and
/// "not-listed" are said only of a list that lists its positive entry and does not list its
/// negative one. The resolver's cache makes them cheap.
Task<ListResult> ask_list(Context context, const rulebook::DnsList& list, DnsblTarget target,
                          SelfTest self_test);

/// The zone with its key replaced by asterisks.
std::string masked_zone(const rulebook::DnsList& list);

}  // namespace maildiag::checks
