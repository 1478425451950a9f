/// What one clause of a Korean notice or reply says about an end of all tries.
#pragma once

#include <string_view>

namespace maildiag::bounce {

/// "반송되었습니다", "재전송하지 않습니다", "발송을 중단하였습니다". `text`: without blanks.
bool gives_up_in_korean(std::string_view text);

/// "72시간 안에 전달되지 않으면 반송됩니다": what a delay announces.
bool announces_return_in_korean(std::string_view text);

}  // namespace maildiag::bounce
