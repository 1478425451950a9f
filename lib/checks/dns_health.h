/// The health of a zone's delegation: what the servers of the zone above say, and what each name
/// server of the zone says itself (RFC 1034 section 4.2, RFC 1912, RFC 2182).
#pragma once

#include <chrono>
#include <vector>

#include "checks/context.h"
#include "checks/dns_delegation.h"
#include "checks/dns_server_probe.h"

namespace maildiag::checks {

struct DnsHealthRequest {
  DomainName domain;
  /// A stranger's domain must not lead into one's own network.
  net::Reach reach = net::Reach::any;
  std::chrono::milliseconds timeout{2000};
};

struct DnsHealth {
  Delegation delegation;
  std::vector<ServerState> servers;  ///< each address of each name server
  std::vector<Finding> findings;     ///< dns.*

  /// Whether any server was asked directly, or its recorded answer read.
  bool asked() const;

  /// {type, name, zone, parent, delegated, parents[]{name, address, outcome, name_servers[]},
  /// name_servers[]{name, at_parent, at_child, glue[], addresses[]}, servers[]{name, address,
  /// asked, outcome, authoritative, serial, tcp, edns, recursion, ms, sizes[]{type, octets,
  /// truncated, tcp_octets}}, soa{primary, mailbox, serial, refresh, retry, expire, minimum}}
  Value to_value() const;
};

/// Asks through the context's resolver and, directly, through its network.
Task<DnsHealth> check_dns_health(Context context, DnsHealthRequest request);

}  // namespace maildiag::checks
