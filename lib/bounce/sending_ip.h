/// Whose addresses the words of a failure name.
#pragma once

#include <optional>

#include "bounce/delivery_failure.h"

namespace maildiag::bounce {

/// The public address that the remote host's reply gives to its client, unless it is another
/// host's ("connect to", "with", "by", "host x said", "mx.of-the-recipient [x]"). In what our own
/// server says without a reply, an address is the other side's unless the words call it the
/// client's.
std::optional<IpAddress> sending_ip_in_reply(const DeliveryFailure& failure);

}  // namespace maildiag::bounce
