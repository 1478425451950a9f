/// What the values of a delivery report's fields say, and whether two may be about one delivery.
#pragma once

#include <string>
#include <string_view>

namespace maildiag::bounce::dsn {

/// "rfc822; <a@b>" -> "a@b"; what is no address stays.
std::string address_in(std::string_view value);

/// Of address_in(): also where one is in xtext (RFC 3461 section 4), which not every reporter
/// decodes.
bool same_address(std::string_view address, std::string_view other);

/// "5.0.0" says no more than its class.
bool is_vague(std::string_view code);

/// Whether a queue that gave up may have written `code`, of class 5, over a reply that put it
/// off: with `last`, or without one.
bool gave_up(std::string_view code, std::string_view last);

/// Whether a recipient with `own` may have got a reply with `other`; empty ones contradict nothing.
bool may_agree(std::string_view own, std::string_view other, bool failed);

}  // namespace maildiag::bounce::dsn
