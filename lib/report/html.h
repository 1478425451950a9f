/// A history as one page that needs nothing else.
#pragma once

#include <string>

#include <maildiag/language.h>
#include <maildiag/report.h>

#include "report/layout.h"

namespace maildiag::report {

std::string render_html(const Report& report, Language language, const Labels& labels);

}  // namespace maildiag::report
