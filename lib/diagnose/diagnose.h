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
#include "diagnose/subject.h"
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

/// What the reply alone tells.
struct Classification {
  rulebook::Match match;
  const rulebook::Cause* cause = nullptr;  ///< never null: "unclassified" where no rule matched
  bool permanent = true;
};
struct ClassifyOptions {
  rulebook::Rulebook::BulkMatcher* bulk = nullptr;  ///< of a long run; else the lazy one, which
                                                    ///< needs no time to start
  bool winner_only = false;                         ///< the rule alone, without facts and runner-up
};
Classification classify(const rulebook::Rulebook& rulebook, const bounce::DeliveryFailure& failure,
                        const ClassifyOptions& options);

/// A diagnosis without any check.
Diagnosis not_checked(Classification classification);

/// Runs the checks that the cause asks for (and, unless it is confirmed, the cheap others on the
/// sender).
Task<Diagnosis> investigate(checks::Context context, Classification classification,
                            Subject subject);

}  // namespace maildiag::diagnose
