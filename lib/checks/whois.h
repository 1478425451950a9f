/// Who registered a domain, a network or an AS number, and who enters the PTR records of an
/// address.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"
#include "checks/reverse_zone.h"
#include "checks/whois_ask.h"
#include "checks/whois_target.h"

namespace maildiag::checks {

/// Days before its end at which a domain's registration is called to mind, and at which it is
/// urgent: registrars need a day or two, and mail stops at once.
inline constexpr int expires_soon_days = 30, expires_now_days = 7;

struct WhoisReport {
  whois::Target target;  ///< what was asked: of a host name its registered domain
  whois::WhoisOutcome outcome = whois::WhoisOutcome::offline;
  whois::Registration registration;  ///< of a found one
  std::string registry, source, server;
  WallTime asked;
  bool from_cache = false;
  std::optional<ReverseZone> reverse;  ///< of a single address
  std::vector<Finding> findings;       ///< whois.* ptr.*

  /// {target, kind, outcome, registry, source, server, asked, from_cache, registration, reverse,
  /// ask}; see maildiag-whois(1).
  Value to_value() const;
};
/// `now` is what expiry is measured by.
Task<WhoisReport> check_whois(Context context, whois::Target target, WallTime now);

/// Whom to ask for a PTR record, beside another purpose: RDAP alone, for a few seconds at most.
/// Findings ptr.holder, or ptr.holder-unknown where a registry was asked in vain; none where none
/// could be asked.
Task<std::vector<Finding>> find_holder(Context context, IpAddress ip);

}  // namespace maildiag::checks
