/// Single questions to DNS and to hosts, as an administrator asks them by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/context.h"
#include "core/result.h"

namespace maildiag::checks {

struct LookupReport {
  Value result;
  std::vector<Finding> findings;  ///< lookup.*
};

/// What stands in for ANY, which servers need not answer (RFC 8482): asked one by one.
const std::vector<dns::RecordType>& usual_types();

/// {type, name, outcome, records[]{name,type,ttl,data}, cname_chain[], answers[]{type, outcome,
/// ttl, server, authenticated, ms}}. `type` is the word to show. REQUIRES: types is not empty.
Task<LookupReport> look_up_records(Context context, std::string type, DomainName name,
                                   std::vector<dns::RecordType> types);

/// A host as a user names it, and what about it.
struct HostTarget {
  std::string host;                  ///< for connections and texts: a name or an address
  std::optional<DomainName> name;    ///< none: `address`
  std::optional<IpAddress> address;  ///< given as such
  std::uint16_t port = 0;
  std::string url;  ///< of `parse_url` only

  /// "mail.example.com", "192.0.2.1", "[2001:db8::1]".
  static Result<HostTarget> parse_host(std::string_view text);
  /// A host and a port: "192.0.2.1:25", "[2001:db8::1]:25".
  static Result<HostTarget> parse_host_port(std::string_view text);
  /// A URL of this scheme ("http", "https"), or a host, whose page "/" is meant. No user and
  /// password: they are nobody's business here, and would be shown.
  static Result<HostTarget> parse_url(std::string_view scheme, std::string_view text);
};

/// Of one host; more are not tried.
inline constexpr std::size_t max_lookup_addresses = 16;

/// {type, host, port, addresses[]{address, connected, fault, reason, connect_ms, source}}
Task<LookupReport> look_up_tcp(Context context, HostTarget target);
/// {type, url, host, status, location, content_type, server, strict_transport_security,
/// retry_after, address, connect_ms, handshake_ms, first_octet_ms, total_ms, tls{version, cipher,
/// trusted, reason, name_matches, certificate{}}}
Task<LookupReport> look_up_http(Context context, HostTarget target);
/// {type, host, addresses[]{address, sent, received, fault, reason, times_ms[], min_ms, avg_ms,
/// max_ms}}
Task<LookupReport> look_up_ping(Context context, HostTarget target);
/// {type, host, routes[]{address, arrived, fault, reason, hops[]{distance, address, ptr, ms,
/// target, note}}}: to the first address of each family.
Task<LookupReport> look_up_trace(Context context, HostTarget target);

}  // namespace maildiag::checks
