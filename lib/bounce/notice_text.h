/// Which words of a notice are its own: not the reply's, not the user's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bounce/notice_words.h"
#include "bounce/text_report.h"

namespace maildiag::bounce {

/// Lines of a report that hold a reply: from `begin` to `end`.
struct LineRange {
  std::size_t begin = 0, end = 0;
  bool repeated = false;  ///< told before: no failure of its own
};

/// The report's own lines in lower case, sentences apart: up to a copy of the user's mail, without
/// replies, reasons behind their labels, the mail's subject and what is quoted. `replies`: in
/// order. A copy only begins below line `first`, where the first failure was found.
std::string own_text(const TextReport& report, const std::vector<LineRange>& replies,
                     std::size_t first);

/// The subject in lower case, without the user's own and what is quoted.
std::string subject_of_notice(const TextReport& report);

/// What the notice's own words say; see told_by().
Telling told_by_notice(const TextReport& report, const std::vector<LineRange>& replies,
                       std::size_t first, Refused refused);

}  // namespace maildiag::bounce
