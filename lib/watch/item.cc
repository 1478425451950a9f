#include "watch/item.h"

#include <algorithm>

namespace maildiag::watch {

bool Parts::hides(const std::string& fault) const {
  return std::any_of(hidden.begin(), hidden.end(),
                     [&](const std::string& words) { return fault.starts_with(words); });
}

std::string_view to_string(Change change) {
  switch (change) {
    case Change::baseline:
      return "baseline";
    case Change::heartbeat:
      return "heartbeat";
    case Change::found:
      return "found";
    case Change::worse:
      return "worse";
    case Change::better:
      return "better";
    case Change::altered:
      return "altered";
    case Change::still:
      break;
  }
  return "still";
}

std::optional<Change> change_from(std::string_view word) {
  for (const auto change : {Change::baseline, Change::heartbeat, Change::found, Change::worse,
                            Change::better, Change::altered, Change::still}) {
    if (to_string(change) == word) return change;
  }
  return std::nullopt;
}

}  // namespace maildiag::watch
