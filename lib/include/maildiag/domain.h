/// What `mxcheck` and `report` look at beside a domain's DNS.
#pragma once

#include <string>
#include <vector>

namespace maildiag {

struct DomainOptions {
  std::vector<std::string> selectors;  ///< of DKIM; empty: the usual ones
  bool smtp = true;                    ///< connect to the exchangers
  bool dnsbl = true;                   ///< look the exchangers' addresses up in the default lists
};

}  // namespace maildiag
