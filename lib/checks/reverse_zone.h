/// Who runs the reverse zone of an address: that server's operator alone can enter a PTR record
/// (RFC 1035 section 3.5, RFC 2317).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

struct ReverseZone {
  IpAddress ip;
  std::optional<DomainName> zone;  ///< none: there is no such zone, or DNS did not tell
  DomainName primary;              ///< MNAME of its SOA record
  std::string mailbox;             ///< RNAME as an address; empty: it is none
  std::vector<DomainName> name_servers;
  bool at_registry = false;       ///< it is the registry's own: nothing was delegated to the holder
  bool unanswered = false;        ///< DNS left it open
  std::vector<Finding> findings;  ///< ptr.delegation ptr.not-delegated ptr.delegation-unknown

  Value to_value() const;  ///< {zone, primary, mailbox, name_servers[], at_registry}
};
Task<ReverseZone> find_reverse_zone(Context context, IpAddress ip);

}  // namespace maildiag::checks
