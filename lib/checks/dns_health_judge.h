/// What the answers of name servers mean: the findings dns.*.
#pragma once

#include "checks/dns_health.h"

namespace maildiag::checks {

/// Parent against child, hosts, glue, networks.
void judge_delegation(const DnsHealth& health, std::vector<Finding>& findings);
/// What each server answered, and whether they agree.
void judge_servers(const DnsHealth& health, std::vector<Finding>& findings);

/// A finding about the zone, with its name as `domain`.
Finding& add_dns_finding(const DnsHealth& health, std::vector<Finding>& findings, std::string id,
                         Severity severity);

}  // namespace maildiag::checks
