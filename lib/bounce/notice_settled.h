/// What a notice's own words say about failures that its replies leave open.
#pragma once

#include <cstddef>
#include <vector>

#include "bounce/notice_text.h"
#include "bounce/text_report.h"

namespace maildiag::bounce {

/// Sets the kind of the result, and what became of each failure. `replies`, `first`: see
/// own_text().
void settle_by_notice(const TextReport& report, const std::vector<LineRange>& replies,
                      std::size_t first, TextResult& result);

}  // namespace maildiag::bounce
