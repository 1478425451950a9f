/// What a term of a record that names hosts leads to, for clients of both families.
#pragma once

#include <string>
#include <vector>

#include <maildiag/finding.h>

#include "checks/context.h"
#include "checks/spf_lint_ipv6.h"
#include "checks/spf_record.h"

namespace maildiag::checks::spf {

/// What ends the evaluation for a client that comes to it (RFC 7208 sections 2.6.6 and 2.6.7).
struct Faults {
  bool permerror = false;
  bool temperror = false;      ///< DNS did not answer, so it may be anything
  int lookups = 0, voids = 0;  ///< what it has cost by then: too many are permerror
  void add(const Faults& other);
};

/// What one term costs and leads to.
struct TermCost {
  int lookups = 0, voids = 0;
  Faults faults;
  bool leads_nowhere = false;  ///< what it names has no such records
  bool matches_all = false;    ///< every client that comes to it
  std::string last_term;       ///< in it; behind that stand terms that nobody comes to
  Ipv6Path ipv6;
  std::vector<Finding> findings;
};

/// Asks for what an a, mx or exists term names: `target`, of the record of `domain`.
/// REQUIRES: `directive` outlives the task.
Task<TermCost> probe_term(Context context, const Directive& directive, std::string domain,
                          DomainName target);

}  // namespace maildiag::checks::spf
