/// The fields of a message's ARC chain, sorted into sets, and the rules that need no key (RFC 8617
/// section 5.2 steps 1 to 3).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/arc.h"
#include "checks/dkim_message.h"
#include "checks/dkim_signature.h"

namespace maildiag::checks::arc {

/// Of one instance. The indices point into Message::fields; the first of surplus ones.
struct Members {
  std::optional<std::size_t> results, message, seal;
  std::size_t surplus = 0;
  std::string chain_status;  ///< cv= of the seal, lower case
  std::size_t missing() const {
    return (results ? 0U : 1U) + (message ? 0U : 1U) + (seal ? 0U : 1U);
  }
};

struct Chain {
  std::map<int, Members> sets;
  std::string bad_field;            ///< a field whose instance cannot be read: its name
  std::optional<int> beyond_limit;  ///< an instance above max_arc_sets
  bool empty() const { return sets.empty() && bad_field.empty() && !beyond_limit; }
  int newest() const { return sets.empty() ? 0 : sets.rbegin()->first; }
};
Chain collect_chain(const dkim::Message& message);

/// Why the chain fails before any signature is looked at.
struct StructureFault {
  std::string id;    ///< a finding's
  int instance = 0;  ///< 0: of none
};
std::optional<StructureFault> find_structure_fault(const Chain& chain);

}  // namespace maildiag::checks::arc
