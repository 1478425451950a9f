/// DNS lists (RFC 5782): is an address or a domain on them, and can the list be believed at all?
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

/// A time-out is not "not listed", and an error code is not a listing.
enum class ListState { listed, not_listed, allowed, blocked, broken, error, skipped };
std::string_view to_string(ListState state);  // "listed" "not-listed" "allowed" "blocked" ...

using DnsblTarget = std::variant<IpAddress, DomainName>;

struct ListResult {
  const rulebook::DnsList* list = nullptr;
  std::string zone;  ///< as shown: keys masked
  ListState state = ListState::error;
  std::vector<IpAddress> codes;          ///< every A record, in order
  std::string_view code_class;           ///< of the weightiest code: block policy range allow ...
  std::vector<rulebook::Text> meanings;  ///< of all documented codes, in the order of their weight
  std::string reason;  ///< label id that says why broken, error or skipped; empty otherwise
  std::string txt;     ///< the list's own words, valid UTF-8, capped
  std::uint32_t ttl = 0;
  Evidence evidence;

  std::string meaning(Language language) const;
};

/// When a list is asked about its test entries. automatic: unless it was within the hour. always:
/// once a run. never: it is believed.
enum class SelfTest { automatic, always, never };

struct DnsblOptions {
  /// Zones to ask alone; empty: the default lists. A zone that is in no list file is asked as a
  /// plain RFC 5782 list.
  std::vector<std::string> only;
  SelfTest self_test = SelfTest::automatic;
  double quorum = 0.7;  ///< share of the queried lists that must answer, else the result is unknown
};

struct DnsblResult {
  std::string target;  ///< as it stands in links
  std::vector<ListResult> lists;
  int listed = 0;                         ///< on lists of any class but allow
  int answered = 0;                       ///< listed, allowed or believably not listed
  int queried = 0;                        ///< all but the skipped ones
  std::vector<Finding> findings;          ///< dnsbl.*, for domains dbl.*
  std::shared_ptr<const void> own_lists;  ///< keeps the lists alive that are in no list file
  /// {listed, answered, queried, lists[]{zone, name, state, class, codes[], meaning, txt, ttl,
  /// delist_url}}
  Value to_value(const rulebook::Rulebook& rulebook, Language language, bool hide_clean) const;
};
/// One target. IPv4-mapped IPv6 addresses are asked as IPv4; a domain list is never asked about an
/// address, nor the reverse.
Task<DnsblResult> check_dnsbl(Context context, DnsblTarget target, DnsblOptions options);

}  // namespace maildiag::checks
