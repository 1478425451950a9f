/// Which servers are meant by a name: those of its MX records, or the host itself.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

/// Addresses of one domain that are asked; large providers have a dozen.
inline constexpr std::size_t max_servers = 64;

struct SmtpServer {
  DomainName host;  ///< the MX name
  IpAddress address;
};

struct SmtpServers {
  std::vector<SmtpServer> servers;  ///< by preference, then name; each host's IPv4 addresses first
  std::vector<Finding> findings;    ///< why there are none, or not all
};

/// Of the MX records of a mail domain, or of the domain itself where it has none (RFC 5321 section
/// 5.1).
Task<SmtpServers> find_servers(Context context, DomainName domain);
/// Of a host, whatever its MX records say.
Task<SmtpServers> find_host(Context context, DomainName host);

}  // namespace maildiag::checks
