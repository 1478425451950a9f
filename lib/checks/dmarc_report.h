/// Where reports go, and whether the destination has agreed to receive them (RFC 9990 section 4).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "checks/context.h"
#include "checks/dmarc_record.h"
#include "dns/answer.h"

namespace maildiag::checks::dmarc {

enum class Authorisation {
  not_needed,  ///< the same organizational domain
  authorised,
  missing,    ///< no record: receivers send nothing there
  malformed,  ///< a record is there, and none can be read
  unknown,    ///< DNS did not answer
};
std::string_view to_string(Authorisation state);

struct Authority {
  Authorisation state = Authorisation::unknown;
  DomainName name;  ///< what was asked
  dns::Answer answer;
};
/// Asks for `domain`._report._dmarc.`host`.
Task<Authority> ask_authority(Context context, DomainName domain, DomainName host);

struct Destination {
  ReportUri uri;
  std::optional<DomainName> organizational_domain;  ///< of the host
  Authority authority;
};
/// The mailto: destinations of a record that stands at `domain`, in order.
Task<std::vector<Destination>> check_destinations(Context context, DomainName domain,
                                                  std::vector<ReportUri> uris);

}  // namespace maildiag::checks::dmarc
