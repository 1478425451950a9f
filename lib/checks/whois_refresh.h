/// IANA's bootstrap files (RFC 9224), fetched anew.
#pragma once

#include <string>
#include <vector>

#include "checks/context.h"
#include "checks/whois_servers.h"

namespace maildiag::checks {

struct RefreshedFile {
  whois::BootstrapFile file = whois::BootstrapFile::dns;
  std::string body;  ///< as it came, where it is good; empty: keep what there is
  Finding finding;   ///< whois.refreshed, whois.not-refreshed
};
Task<std::vector<RefreshedFile>> refresh_bootstrap(Context context);

}  // namespace maildiag::checks
