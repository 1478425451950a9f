/// Whose addresses the words of a failure name.
#pragma once

#include <optional>

#include "bounce/delivery_failure.h"

namespace maildiag::bounce {

/// The public address that the remote host's reply gives to its client, unless it is another
/// host's ("connect to", "with", "by", "host x said", "mx.of-the-recipient [x]"). What has no code
/// may be our own server's words about another host: an address in it is the other side's, unless
/// the words call it the client's, or judge one ("no PTR record for x") and speak of no connection.
std::optional<IpAddress> sending_ip_in_reply(const DeliveryFailure& failure);

}  // namespace maildiag::bounce
