/// JSON text of values: compact, ASCII only.
#pragma once

#include <string>
#include <string_view>

#include <maildiag/value.h>

namespace maildiag::report {

/// Appends a string with its quotes. Everything but printable ASCII is escaped (RFC 8259 section
/// 7), so nothing in it can move a cursor or reverse a line, whoever prints it; what is no valid
/// UTF-8 becomes U+FFFD.
void append_json(std::string& out, std::string_view text);
/// A double that is no number becomes null.
void append_json(std::string& out, const Value& value);

}  // namespace maildiag::report
