/// Reverse DNS of an address: PTR, forward confirmation, HELO agreement (RFC 1912 section 2.1, RFC
/// 8601 section 2.7.3 "iprev").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

enum class Fcrdns { pass, fail, none, temperror };
std::string_view to_string(Fcrdns value);

struct PtrResult {
  std::vector<DomainName> names;  ///< all of them
  Fcrdns fcrdns = Fcrdns::temperror;
  bool generic = false;           ///< the (first confirmed) name looks like an access line's
  std::vector<Finding> findings;  ///< ptr.* and helo.*
  Value to_value() const;         ///< {ptr[], fcrdns, generic}
};
Task<PtrResult> check_ptr(Context context, IpAddress ip, std::optional<std::string> helo);

}  // namespace maildiag::checks
