/// What the checks say, in a form that can be held against what they say when nothing goes wrong.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <maildiag/finding.h>

#include "checks/context.h"
#include "faults/dice.h"
#include "faults/world.h"

namespace maildiag::faults {

/// What is said of each subject; "unknown" where nothing is.
using Opinions = std::map<std::string, std::string>;
inline constexpr const char* unknown = "unknown";

/// One check of a world: the same dice ask the same.
struct CheckRun {
  std::string name;
  std::function<Task<Opinions>(checks::Context)> run;
  bool tells_all = true;  ///< or says that something is unknown
};
CheckRun choose_check(const World& world, Dice& dice);

/// Findings as opinions: "FINDING SUBJECT" -> "well" or "ill". One of severity unknown, or about an
/// error, makes the whole incomplete; information is no opinion.
void add_findings(Opinions& opinions, const std::vector<Finding>& findings);

/// What contradicts the truth, in words. Whatever is not known may be missing, but who says that he
/// knows everything (`tells_all`, and nothing unknown) has to.
std::vector<std::string> contradictions(const Opinions& truth, const Opinions& seen,
                                        bool tells_all);

}  // namespace maildiag::faults
