/// What the lookups beyond DNS share.
#pragma once

#include "checks/lookup.h"

namespace maildiag::checks {

struct HostAddresses {
  std::vector<IpAddress> addresses;  ///< IPv4 first
  std::vector<Evidence> evidence;
};

/// The addresses of a host. Where there are none, or may be more, the finding that says why is in
/// `report`.
Task<HostAddresses> find_host_addresses(Context context, HostTarget target, LookupReport& report);
/// Where the addresses came from, to the findings about them.
void add_evidence(const HostAddresses& found, LookupReport& report);

Finding& add_lookup_finding(LookupReport& report, std::string id, Severity severity,
                            const HostTarget& target);

/// "1.234": milliseconds as JSON and tables show them.
double milliseconds(std::chrono::microseconds time);

/// The members {fault, reason} of a connection; null and empty where it is good.
void set_fault(Value& value, net::Fault fault, const std::string& reason);

/// What does not say anything about the other side: no connection was tried.
bool was_not_tried(net::Fault fault);

}  // namespace maildiag::checks
