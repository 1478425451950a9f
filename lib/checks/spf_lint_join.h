/// What a record comes to for clients that go through its terms in turn.
#pragma once

#include <string>
#include <vector>

#include "checks/spf_lint_probe.h"
#include "checks/spf_record.h"

namespace maildiag::checks::spf {

struct Joined {
  Faults faults;            ///< before every client is matched
  std::string last_term;    ///< behind which terms stand that nobody comes to; empty: none do
  Ipv6Path ipv6;            ///< the same of IPv6 clients
  bool passes_all = false;  ///< the record lets every client pass that meets no fault
};
/// `asked` are what its terms that ask come to, in their order, a redirect that counts at the end.
Joined join_terms(const Record& record, const std::vector<TermCost*>& asked);

}  // namespace maildiag::checks::spf
