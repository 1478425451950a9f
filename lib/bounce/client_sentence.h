/// Sentences about a client that name its address at their end.
#pragma once

#include <string_view>

#include "bounce/client_place.h"

namespace maildiag::bounce {

/// "Your IP has been blocked: x", "the sending IP has no PTR record [x]", "귀하의 IP가
/// 차단되었습니다. (IP: x)": a whole sentence of known words from the client's name up to the
/// address, which ends there. "Your IP was blocked by x" is none.
bool is_judged_in_sentence(const Place& place);

/// True if the text up to an address ends with a client's name that begins its sentence: "Your mail
/// server's IP".
bool begins_with_client(std::string_view before);

}  // namespace maildiag::bounce
