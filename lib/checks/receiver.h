/// The receiver as it is now: is the host that replied a mail exchanger of the recipient's domain,
/// does anybody answer there, how large a message is taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

/// Servers of one receiver that are asked: its first ones stand for the rest.
inline constexpr std::size_t max_receiver_servers = 3;

struct ReceiverRequest {
  DomainName domain;                   ///< of the recipient
  std::string remote_host;             ///< who replied; empty: not known
  std::optional<IpAddress> remote_ip;  ///< the same
  bool greeted = false;  ///< remote_host may be what it greets with, not what was looked up
  std::uint64_t message_octets = 0;  ///< 0: not known
};

/// By DNS alone. Exactly one finding: route.is-mx, .not-an-mx, .undecided, .unknown; none where it
/// is not known who replied.
Task<std::vector<Finding>> check_route(Context context, ReceiverRequest request);

/// Asks the receiver's servers by SMTP, up to QUIT, on public addresses only. Findings smtp.* of
/// each, then receiver.ready, .turns-away, .too-many-connections, .no-service or .no-answer, and
/// receiver.size-exceeded, .size-fits, .size-limit, .size-unlimited or .size-not-announced. None at
/// all where the network must not be used, or the domain has no mail server.
Task<std::vector<Finding>> check_receiver(Context context, ReceiverRequest request);

}  // namespace maildiag::checks
