/// Time, as a seam for tests, and its text forms.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace maildiag {

using WallTime = std::chrono::system_clock::time_point;
/// Years that mail has, and that WallTime holds: its nanoseconds end in 1677 and 2262.
inline constexpr int first_year = 1970, last_year = 2200;

/// "2026-11-21T09:30:00Z" (RFC 3339, UTC, whole seconds).
std::string to_rfc3339(WallTime time);
std::optional<WallTime> from_rfc3339(std::string_view text);
/// A mail's Date field (RFC 5322 section 3.3, obsolete zones too); nullopt if it is none.
std::optional<WallTime> from_rfc5322_date(std::string_view text);

}  // namespace maildiag
