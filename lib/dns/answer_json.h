/// One answer as a line of a recording (JSON Lines). RDATA stands in hexadecimal, so that any octet
/// survives, with its text beside it for people.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "dns/answer.h"

namespace maildiag::dns {

/// Without the line's end. Pure ASCII, whatever the answer holds.
std::string answer_to_json(const Answer& answer);

/// The error's message says what is wrong with the line, without file and number.
Result<Answer> answer_from_json(std::string_view line);

}  // namespace maildiag::dns
