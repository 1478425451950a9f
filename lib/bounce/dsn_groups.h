/// Which fields of a delivery report are about whom.
#pragma once

#include <string_view>
#include <vector>

#include "bounce/fields.h"

namespace maildiag::bounce {

/// Groups of the fields that are read: about the recipients, in their order, and about none. Those
/// of max_failures recipients and a few more: the caller leaves these out.
std::vector<Fields> read_groups(std::string_view text);

/// "rfc822; a@b" -> "a@b" (RFC 3464 section 2.1.2); a type is optional in the wild.
std::string_view without_type(std::string_view value);

}  // namespace maildiag::bounce
