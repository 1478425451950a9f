/// What one address of a name server answers about its zone, asked in all the ways in which mail
/// servers and resolvers ask.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

struct DnsHealthRequest;

/// An answer that mail servers need, as it comes to one who asks by UDP of 512 octets (RFC 1035
/// section 4.2.1) and then over TCP.
struct SizedAnswer {
  dns::RecordType type{};
  bool came = false;           ///< over UDP without EDNS
  std::size_t octets = 0;      ///< of the UDP answer
  bool truncated = false;      ///< so TCP was tried
  std::size_t tcp_octets = 0;  ///< 0: none came
};

struct ServerState {
  DomainName host;
  IpAddress address;
  bool asked = false;      ///< false: no connection may be made
  dns::ServerReply udp;    ///< SOA with EDNS, and with RD to see whether recursion is offered
  dns::ServerReply plain;  ///< the same without EDNS; only where `udp` failed or was refused
  dns::ServerReply tcp;
  std::set<DomainName> name_servers;  ///< by its own answer; empty: none
  std::vector<SizedAnswer> sizes;

  /// The best of the answers about SOA.
  const dns::ServerReply& soa_reply() const;
  bool answers() const { return soa_reply().came(); }
  /// Of this host: there is no route to its address.
  bool no_route() const;
  bool authoritative() const;
  std::optional<dns::SoaData> soa() const;
  std::string label() const;  ///< "ns1.example.com (192.0.2.1)"
};

Task<ServerState> probe_server(Context context, const DnsHealthRequest& request, DomainName zone,
                               DomainName host, IpAddress address);

}  // namespace maildiag::checks
