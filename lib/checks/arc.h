/// ARC (RFC 8617): the chain of custody that forwarders and mailing lists leave in a message. It is
/// read, never continued.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/context.h"
#include "checks/dkim.h"
#include "core/result.h"

namespace maildiag::checks {

/// Section 5.2 step 1: a chain with more sets fails.
inline constexpr int max_arc_sets = 50;

/// Section 4.4. unknown: a key was not answered for, which the RFC counts as a failure for good
/// (section 5.2.1) and which yet says nothing about the message.
enum class ArcStatus { none, pass, fail, unknown };
std::string_view to_string(ArcStatus status);

/// One forwarder's three fields. A signature without `problems` that is no pass was not tried.
struct ArcSet {
  int instance = 0;
  std::string results;       ///< what it had found: the text of ARC-Authentication-Results
  std::string chain_status;  ///< cv= of its seal
  DkimSignature message;     ///< ARC-Message-Signature
  DkimSignature seal;        ///< ARC-Seal; it covers no body
  bool covers_arc = false;   ///< the message signature lists fields of ARC (section 4.1.2)
  std::size_t missing = 0;   ///< of the three fields
  std::size_t surplus = 0;   ///< fields beyond one of each
  bool tried = false;        ///< whether the two signatures were verified
};

struct ArcReport {
  ArcStatus status = ArcStatus::none;
  std::string reason;              ///< a finding's id: why the status is fail or unknown
  std::optional<int> oldest_pass;  ///< section 5.2 step 5; nullopt: not known
  std::vector<ArcSet> sets;        ///< by instance
  std::vector<Finding> findings;   ///< arc.*; none where there is no chain
  /// {chain_validation, reason, oldest_pass, sets[]}
  Value to_value() const;
};
/// `now` decides about x=. bad_data: see dkim::read_message().
Task<Result<ArcReport>> check_arc(Context context, std::string octets, WallTime now);

}  // namespace maildiag::checks
