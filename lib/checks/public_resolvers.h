/// Name servers that everybody may use. Most big lists refuse to answer them, and some answer them
/// wrongly.
#pragma once

#include <string_view>

#include "core/ip_address.h"

namespace maildiag::checks {

/// Whose public resolver an address is ("Google Public DNS"); empty: none that is known.
std::string_view public_resolver(const IpAddress& address);

}  // namespace maildiag::checks
