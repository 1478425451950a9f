/// DNS lists (RFC 5782): is an address or a domain on them, and can the list be believed at all?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

/// A time-out is not "not listed", and an error code is not a listing.
enum class ListState { listed, not_listed, allowed, blocked, broken, error, skipped };
std::string_view to_string(
    ListState state);  // "listed" "not-listed" "allowed" "blocked" "broken" "error" "skipped"

using DnsblTarget = std::variant<IpAddress, DomainName>;

struct ListResult {
  const rulebook::DnsList* list = nullptr;
  ListState state = ListState::error;
  std::vector<IpAddress> codes;  ///< every A record, in order
  std::string code_class;        ///< of the listing: block policy range ...
  rulebook::Text meaning;        ///< of the code, or why blocked, broken, skipped
  std::string txt;               ///< the list's reason, valid UTF-8, capped
  std::uint32_t ttl = 0;
  Evidence evidence;
};

enum class SelfTest { automatic, always, never };

struct DnsblOptions {
  std::vector<std::string>
      only;  ///< zones; empty: the lists that are on by default for the target's kind
  SelfTest self_test = SelfTest::automatic;
  double quorum = 0.7;  ///< share of the queried lists that must answer, else the result is unknown
};

struct DnsblResult {
  std::vector<ListResult> lists;
  int listed = 0, answered = 0, queried = 0;
  std::vector<Finding> findings;  ///< dnsbl.listed, .policy-listed, .info-listed, .clean,
                                  ///< .quorum-missed, .blocked, .broken, .error, .retired ...
  /// {listed, answered, queried, lists[]{zone, state, codes[], meaning, txt, ttl, delist_url}}
  Value to_value(Language language, bool hide_clean) const;
};
/// One target. Keys in zone names are masked in everything that comes out.
Task<DnsblResult> check_dnsbl(Context context, DnsblTarget target, DnsblOptions options);

}  // namespace maildiag::checks
