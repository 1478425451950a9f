/// BIMI (draft-brand-indicators-for-message-identification): the record that names a domain's
/// indicator, what DMARC has to say for it to count, and the indicator itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/bimi_indicator.h"
#include "checks/bimi_record.h"
#include "checks/context.h"
#include "checks/dmarc.h"

namespace maildiag::checks {

struct BimiRequest {
  DomainName domain;    ///< as an author domain (RFC5322.From)
  DomainName selector;  ///< "default"
  /// The octets of an indicator that is at hand; nothing is fetched.
  std::optional<std::string> indicator;
};

struct BimiReport {
  BimiRequest request;
  std::vector<dns::Answer> answers;    ///< at the domain, then at its organizational domain
  std::optional<DomainName> found_at;  ///< the domain whose record applies
  std::optional<bimi::Record> record;
  std::vector<std::string> several;       ///< where there is more than one: none applies
  std::vector<std::string> near_records;  ///< meant as records and none
  DmarcReport dmarc;
  std::optional<bimi::Indicator> indicator;
  std::vector<Finding> findings;  ///< bimi.*

  /// {domain, selector, found_at, record, location, evidence ...}; see maildiag-bimicheck(1).
  Value to_value() const;
};
Task<BimiReport> check_bimi(Context context, BimiRequest request);

}  // namespace maildiag::checks
