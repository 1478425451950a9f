/// DMARC of a domain (RFC 9989): the record that applies, its policy, and what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"
#include "checks/dmarc_report.h"
#include "checks/dmarc_rfc7489.h"
#include "checks/dmarc_walk.h"

namespace maildiag::checks {

struct DmarcReport {
  DomainName domain;  ///< as an author domain (RFC5322.From)
  dmarc::Walk walk;
  std::optional<DomainName> organizational_domain;  ///< nullopt: DNS did not answer
  std::optional<DomainName> found_at;               ///< the domain whose record applies
  dmarc::Level level = dmarc::Level::author;
  std::optional<dmarc::Policy> published;  ///< as the tag says
  std::optional<dmarc::Policy> policy;     ///< what is asked of receivers: `published` after t=y
  std::string policy_tag;                  ///< empty: none
  std::optional<bool> exists;  ///< the domain itself; asked where the policy hangs on it
  dns::Answer existence;       ///< the answer to that
  std::vector<dmarc::Destination> destinations;
  std::optional<dmarc::OldReading> rfc7489;
  std::vector<Finding> findings;  ///< dmarc.*

  /// The record that applies, or nullptr.
  const dmarc::Record* record() const;
  /// {domain, record, found_at, organizational_domain, policy, policy_tag, queries[] ...}; see
  /// maildiag-dmarccheck(1).
  Value to_value() const;
};

struct DmarcScope {
  const PublicSuffixes* suffixes = nullptr;  ///< nullptr: no reading by RFC 7489
  bool destinations = true;                  ///< ask for the authorisation of external reports
};
Task<DmarcReport> check_dmarc(Context context, DomainName domain, DmarcScope scope);

}  // namespace maildiag::checks
