/// What one clause of a Korean notice or reply says about tries to come.
#pragma once

#include <string_view>

#include "bounce/still_tried.h"

namespace maildiag::bounce {

/// "자동으로 재전송됩니다", "배달이 지연되고 있습니다", "아직 전달되지 않았습니다". `text`: without
/// blanks.
Tries tries_in_korean(std::string_view text);

}  // namespace maildiag::bounce
