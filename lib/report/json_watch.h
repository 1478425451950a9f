/// What a webhook gets.
#pragma once

#include <string>

#include <maildiag/report.h>

namespace maildiag::report {

/// One compact object of schema maildiag.watch/1 with the findings of a report of `watch`.
std::string render_transitions(const Report& report);

}  // namespace maildiag::report
