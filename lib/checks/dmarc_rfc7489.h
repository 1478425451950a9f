/// What a receiver does that still follows RFC 7489: the public suffix list instead of the tree
/// walk, no np, psd and t, but pct.
#pragma once

#include <optional>

#include "checks/context.h"
#include "checks/dmarc_walk.h"
#include "checks/public_suffix.h"

namespace maildiag::checks::dmarc {

struct OldReading {
  bool known = true;  ///< false: DNS did not answer
  DomainName organizational_domain;
  std::optional<DomainName> found_at;
  std::optional<Policy> policy;  ///< nullopt: DMARC is not applied
  int pct = 100;                 ///< to this part of the mail (RFC 7489 section 6.3)
};
/// RFC 7489 section 6.6.3. Asks one question at most that the walk did not.
Task<OldReading> read_as_rfc7489(Context context, const Walk& walk, const PublicSuffixes& suffixes);

}  // namespace maildiag::checks::dmarc
