/// What the answers of all lists say together.
#pragma once

#include "checks/dnsbl.h"
#include "checks/list_access.h"

namespace maildiag::checks {

/// Counts `result.lists` and adds the findings: one for each listing, one for each kind of trouble,
/// one about the resolver where it is a public one.
void judge_lists(DnsblResult& result, const DnsblTarget& target, double quorum,
                 const ListAccess* access);

}  // namespace maildiag::checks
