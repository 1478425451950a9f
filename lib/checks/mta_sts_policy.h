/// An MTA-STS policy as text (RFC 8461 section 3.2), and the hosts that it is for (section 4.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/tls_fields.h"
#include "core/domain_name.h"

namespace maildiag::checks::mta_sts {

/// Section 3.3 lets senders limit a policy; 64 KiB is its own example.
inline constexpr std::size_t max_policy_octets = 64UL << 10;
/// Patterns of one policy that are kept; a real policy has fewer than twenty.
inline constexpr std::size_t max_patterns = 200;
/// Seconds: a year, 31557600.
inline constexpr std::uint32_t max_max_age = 31557600;

enum class Mode { enforce, testing, none };
std::string_view to_string(Mode mode);

struct Policy {
  std::optional<Mode> mode;
  std::optional<std::uint32_t> max_age;  ///< seconds
  std::vector<std::string> patterns;     ///< mx, well-formed ones, as they stand
  std::vector<tls_text::Problem> problems;
  bool usable() const { return tls_text::is_usable(problems); }
};

/// Never fails: what is no policy has problems that say so.
Policy parse_policy(std::string_view octets);

/// "*" stands for the whole first label and nothing else. REQUIRES: a pattern of a Policy.
bool matches(std::string_view pattern, const DomainName& host);

}  // namespace maildiag::checks::mta_sts
