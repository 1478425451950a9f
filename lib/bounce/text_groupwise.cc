// GroupWise: "The message that you sent was undeliverable to the following:" and lines
// "RECIPIENT (reason)".

#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {

std::optional<TextResult> read_groupwise(const TextReport& report) {
  const auto begin = report.find("was undeliverable to the following:");
  if (begin >= report.size()) return {};
  TextResult result;
  result.format = "groupwise";
  for (auto i = begin + 1; i < report.size() && result.failures.size() < max_failures; ++i) {
    const auto line = text::trim(report.line(i));
    const auto open = line.find(" (");
    if (open == std::string_view::npos || !line.ends_with(')')) continue;
    // A recipient of the same post office stands there without its domain.
    const auto name = text::trim(line.substr(0, open));
    const auto found = find_address(name);
    if (!found && name.find(' ') != std::string_view::npos) continue;
    result.failures.push_back(
        failure_of({std::string(found ? found->address : name), "",
                    std::string(line.substr(open + 2, line.size() - open - 3))},
                   ""));
  }
  return result;
}

}  // namespace maildiag::bounce
