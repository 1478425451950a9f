/// What the answers of all lists say together.
#pragma once

#include <string>
#include <string_view>

#include "checks/dnsbl.h"
#include "checks/list_access.h"

namespace maildiag::checks {

/// A list's page with the target in its place.
std::string filled_url(std::string_view pattern, const std::string& target);

/// Counts `result.lists` and adds the findings: one for each listing, one for each kind of trouble,
/// one about the resolver where it is a public one.
void judge_lists(DnsblResult& result, const DnsblTarget& target, double quorum,
                 const ListAccess* access);

/// That no list serves an address is only a note where others of the same name were asked about.
void excuse_unserved(DnsblResult& result);

}  // namespace maildiag::checks
