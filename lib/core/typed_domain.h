/// Domain names as people type them: where a slip is likelier than a name that DNS alone allows.
#pragma once

#include <optional>
#include <string_view>

#include "core/domain_name.h"

namespace maildiag {

/// DomainName::from_user(), and each label that begins with "xn--" is the A-label of something: its
/// punycode decodes (RFC 3492) to a label that is not ASCII and has no control characters. Labels
/// that only today's tables disallow (emoji) pass: such names are registered and answer. nullopt
/// also for what from_user() refuses.
std::optional<DomainName> domain_from_user(std::string_view text);

}  // namespace maildiag
