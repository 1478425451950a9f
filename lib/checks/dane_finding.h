/// How DANE's findings are made of a finished report.
#pragma once

#include <vector>

#include "checks/dane.h"

namespace maildiag::checks::dane {

void add_findings(const DaneReport& report, std::vector<Finding>& findings);

}  // namespace maildiag::checks::dane
