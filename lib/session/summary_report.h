/// Reports over many failures.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <maildiag/report.h>

#include "diagnose/summary.h"
#include "rulebook/rulebook.h"
#include "session/impl.h"

namespace maildiag::session {

/// With the findings that only many failures together show.
Report summary_report(const Session::Impl& impl, const diagnose::Summary& summary,
                      std::string command, std::string target);

/// How often each rule hit; nullptr stands for none.
using RuleHits = std::unordered_map<const rulebook::Rule*, std::uint64_t>;
Value stats_value(const rulebook::Rulebook& rulebook, const RuleHits& hits);
/// The same by the rules' ids, each once; some may be of another rulebook.
using NamedHits = std::vector<std::pair<std::string, std::uint64_t>>;
Value stats_value(const rulebook::Rulebook& rulebook, NamedHits hits, std::uint64_t without_rule);

}  // namespace maildiag::session
