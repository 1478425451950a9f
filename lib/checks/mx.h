/// A domain's mail exchangers (RFC 5321 section 5.1, RFC 7505) and each one's addresses and reverse
/// DNS.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checks/context.h"
#include "checks/ptr.h"

namespace maildiag::checks {

struct MxHost {
  std::uint16_t preference = 0;
  DomainName host;
  struct Address {
    IpAddress ip;
    std::vector<DomainName> ptr;
    Fcrdns fcrdns = Fcrdns::temperror;
  };
  std::vector<Address> addresses;
};
struct MxResult {
  bool null_mx = false;
  bool implicit = false;          ///< no MX record: the domain's own address is used
  std::vector<MxHost> hosts;      ///< by preference, then name
  std::vector<Finding> findings;  ///< mx.*
  Value to_value()
      const;  ///< {null_mx, implicit, mx[]{preference, host, addresses[]{ip, ptr[], fcrdns}}}
};
Task<MxResult> check_mx(Context context, DomainName domain);

/// Can mail for (or bounces to) this domain be delivered at all? Findings `area`.resolvable,
/// .unresolvable, .null-mx, .unknown. area: "sender-domain" or "recipient-domain".
struct DomainResult {
  bool resolvable = false;
  bool definite = false;
  std::vector<Finding> findings;
};
Task<DomainResult> check_mail_domain(Context context, DomainName domain, std::string_view area);

}  // namespace maildiag::checks
