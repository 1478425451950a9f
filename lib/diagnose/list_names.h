/// DNS lists as replies name them: by zone, by web site, by operator's domain.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/dnsbl.h"
#include "rulebook/rulebook.h"

namespace maildiag::diagnose {

/// "zen.spamhaus.org", "www.spamhaus.org", "spamhaus.org" name the same operator: one is the other
/// or lies under it, or both lie under the same two labels.
bool same_list(std::string_view name, std::string_view zone);

/// Zones of the list files that `name` stands for and that can be asked about `target`; the empty
/// name names none.
std::vector<std::string> lists_named(const rulebook::Rulebook& rulebook, std::string_view name,
                                     const checks::DnsblTarget& target);

}  // namespace maildiag::diagnose
