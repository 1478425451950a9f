/// The decision itself, free of any lookup: a cause, what the reply says, what the checks found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diagnose/diagnose.h"

namespace maildiag::diagnose {

struct Decision {
  Verdict verdict = Verdict::inconclusive;
  std::string reason;                   ///< label id
  std::vector<std::size_t> deciding;    ///< indices of the findings
  std::vector<std::string> decided_by;  ///< their ids, each once
};

/// A confirming finding beats an unanswered question, and that beats a refuting one: what could not
/// be asked is never refuted. What was found for a sender that was only guessed decides nothing.
/// `missing`: label ids of what was not known for the cause's checks.
Decision decide(const rulebook::Cause& cause, const rulebook::Match& match,
                const std::vector<Finding>& findings, const std::vector<std::string>& missing);

/// The narrower cause that the deciding findings of a confirmed one all stand for (Cause::refines),
/// or the cause itself.
const rulebook::Cause& refine(const rulebook::Rulebook& rulebook, const rulebook::Cause& cause,
                              const Decision& decision);

/// Other causes that the findings show, likeliest first; those of a guessed sender show none. A
/// confirmed cause has explained its findings; one that was not is offered again where another
/// finding than the named one shows it.
std::vector<Alternative> find_alternatives(const rulebook::Rulebook& rulebook,
                                           const rulebook::Cause& cause, Verdict verdict,
                                           const std::vector<Finding>& findings);

}  // namespace maildiag::diagnose
