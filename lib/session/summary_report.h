/// Reports over many failures.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

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

}  // namespace maildiag::session
