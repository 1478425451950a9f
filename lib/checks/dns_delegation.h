/// Where a zone is delegated, and to which name servers.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

/// Of a zone and of the zone above it; the root has 13.
inline constexpr std::size_t max_name_servers = 16;
/// Of the zone above: they serve the same zone, a few tell as well as all.
inline constexpr std::size_t max_parent_servers = 6;
/// That are asked, of the resolver's and of the glue each: the others are the same server.
inline constexpr std::size_t max_addresses_of_host = 4;
/// That are kept to compare both sides; the servers of large hosters have six.
inline constexpr std::size_t max_known_addresses = 32;

struct NsHost {
  DomainName name;
  bool at_parent = false, at_child = false;
  std::vector<IpAddress> glue;       ///< of the servers above (RFC 1034 section 4.2.1)
  std::vector<IpAddress> addresses;  ///< by the resolver
  bool alias = false;                ///< a CNAME stands there (RFC 2181 section 10.3)
  bool definite = true;              ///< both address types were answered
  std::vector<Evidence> evidence;
};

struct ParentServer {
  DomainName name;
  IpAddress address;
  bool asked = false;
  dns::ServerReply reply;
  std::vector<DomainName> name_servers;
  /// It serves the zone itself, too, and so tells nothing about the delegation's glue.
  bool serves_zone = false;
  bool cut = false;  ///< truncated, and not to be had over TCP: neither glue nor set is known by it
};

struct Delegation {
  enum class State { delegated, missing, unknown };

  DomainName asked;   ///< as the user named it
  DomainName zone;    ///< at or above it
  DomainName parent;  ///< the zone above `zone`
  State state = State::unknown;
  std::vector<ParentServer> parents;
  bool glue_known = false;    ///< a server above referred
  bool set_known = false;     ///< a server above told all name servers
  std::vector<NsHost> hosts;  ///< of both sides
  std::vector<Evidence> evidence;
};
std::string_view to_string(Delegation::State state);

struct DnsHealthRequest;
Task<Delegation> find_delegation(Context context, const DnsHealthRequest& request);

/// The name servers in these records of `zone`.
std::set<DomainName> name_servers_of(const std::vector<dns::Record>& records,
                                     const DomainName& zone);

}  // namespace maildiag::checks
