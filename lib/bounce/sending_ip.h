/// Whose addresses the words of a failure name.
#pragma once

#include <optional>

#include "bounce/delivery_failure.h"

namespace maildiag::bounce {

/// The public address that the remote host's reply gives to its client, unless it is another
/// host's ("connect to", "with", "by", "host x said", "mx.of-the-recipient [x]"). What has no code
/// may be our own server's words about another host: an address in it is the other side's, unless
/// the words call it the client's.
std::optional<IpAddress> sending_ip_in_reply(const DeliveryFailure& failure);
/// The public address that words without a code judge as a client's without calling it that ("no
/// PTR record for x"): a guess, for where nothing else tells which address sent.
std::optional<IpAddress> sending_ip_judged_in(const DeliveryFailure& failure);

}  // namespace maildiag::bounce
