/// Texts of the rulebook for a report's result.
#pragma once

#include <maildiag/value.h>

#include "rulebook/rulebook.h"

namespace maildiag::session {

inline Value array_of(rulebook::Strings texts) {
  Value array = Value::array();
  for (const auto text : texts) array.push(text);
  return array;
}

}  // namespace maildiag::session
