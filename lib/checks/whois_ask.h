/// One registry asked: by RDAP (RFC 7480) with its redirects, by port 43 (RFC 3912) with its
/// referrals.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

#include "checks/context.h"
#include "checks/whois_registration.h"
#include "checks/whois_servers.h"
#include "checks/whois_target.h"

namespace maildiag::checks::whois {

/// Octets of an RDAP answer; those of large networks have some 100 KB.
inline constexpr std::size_t max_rdap = 1UL << 20;
/// Servers that are asked for one target over port 43: IANA, a registry, one that it refers to.
inline constexpr int max_servers = 3;

enum class WhoisOutcome {
  found,
  not_found,     ///< the registry says that there is no such registration
  rate_limited,  ///< it answers, but not us, not now
  failed,        ///< see the reason
  offline,       ///< not asked: there is no network to ask by
};
std::string_view to_string(WhoisOutcome outcome);  ///< "not-found"

struct Answer {
  WhoisOutcome outcome = WhoisOutcome::offline;
  Registration registration;
  std::string source;       ///< "rdap" or "whois"
  std::string server;       ///< the host that answered last
  Value reason;             ///< why it failed: a text, or {en, ko}
  std::string retry_after;  ///< of a rate limit, as the server says it
  std::vector<Evidence> evidence;
};

/// REQUIRES: context.network.
Task<Answer> ask_rdap(Context context, std::string base, Target target,
                      std::chrono::milliseconds timeout);
/// REQUIRES: context.network.
Task<Answer> ask_whois(Context context, Servers servers, Target target, bool korean,
                       std::chrono::milliseconds timeout);

}  // namespace maildiag::checks::whois
