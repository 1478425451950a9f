/// Correlation: what the reply says + what the live checks find -> a cause with a verdict.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/language.h>
#include <maildiag/report.h>

#include "bounce/delivery_failure.h"
#include "checks/context.h"
#include "rulebook/rulebook.h"

namespace maildiag::diagnose {

/// confirmed: a live finding shows it. refuted: what the reply says does not hold now.
/// inconclusive: the checks could not run or do not decide. untestable: nothing outside the
/// receiver can tell.
enum class Verdict { confirmed, refuted, inconclusive, untestable };
std::string_view to_string(Verdict verdict);

struct Alternative {
  std::string cause;
  std::vector<std::string> findings;  ///< ids that speak for it
};

struct Diagnosis {
  rulebook::Match match;
  const rulebook::Cause* cause = nullptr;  ///< "unclassified" where no rule matched
  bool permanent = true;
  Verdict verdict = Verdict::inconclusive;
  std::string reason;  ///< label id that says why this verdict ("verdict.no-sending-ip" ...)
  std::vector<std::string> decided_by;    ///< finding ids
  std::vector<Alternative> alternatives;  ///< likeliest first
  std::vector<Finding> findings;          ///< everything the checks found, worst first
};

struct Options {
  bool checks = true;  ///< false: classify only
};

/// Runs the checks that the cause asks for (and, unless it is confirmed, the cheap others on the
/// sender).
Task<Diagnosis> diagnose(checks::Context context, bounce::DeliveryFailure failure,
                         std::optional<bounce::ReturnedMessage> returned, Options options);

}  // namespace maildiag::diagnose
