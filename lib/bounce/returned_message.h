/// The mail that came back: who sent it, and through which host.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/delivery_failure.h"
#include "bounce/fields.h"

namespace maildiag::bounce {

/// What one Received field tells (RFC 5321 section 4.4), newest first in a list.
struct Hop {
  std::string helo;                 ///< what the client called itself
  std::string client_name;          ///< its name by reverse DNS, where the field has one
  std::optional<IpAddress> client;  ///< the client's address
  std::string by;                   ///< who wrote the field
  std::optional<IpAddress> by_address;
  /// Whether the transmission was encrypted; nullopt: the field does not tell.
  std::optional<bool> tls;
  bool submission = false;  ///< from a user who logged in, or from a program on the host itself
};
Hop read_hop(std::string_view received);
std::vector<Hop> read_hops(const Fields& header);

/// Octets of a returned message that are kept; a signature over a longer one cannot be checked any
/// more.
inline constexpr std::size_t max_returned_bytes = 4UL << 20;

/// `header` and `hops` are those of `octets`.
ReturnedMessage read_returned(std::string_view octets, const Fields& header,
                              const std::vector<Hop>& hops, bool headers_only);

/// Reverse-path as the last hop noted it; empty: none, or the null reverse-path.
std::string return_path_of(const Fields& header);

/// Which address tried to deliver: fills sending_ip, sending_ip_source and helo.
///
/// 1. An address that the reply names and that is not the remote host's: the receiver says whom it
/// means (sending_ip.h).
/// 2. The reporter is the receiving side (it took the mail and gave it back; it never named another
/// host): the newest Received field of the returned
///    message is its own, and the client there was the outgoing server.
/// 3. The reporter is the sending side (it talked to the remote host): the returned message has not
/// left it yet, its clients
///    are users and inner hosts. The outgoing server shows in the bounce's own way back: the hop
///    whose client is the reporter, else the oldest hop with a public client. Else the address
///    behind "by" of the newest Received field.
/// Where nothing tells, sending_ip stays empty and helo is the outgoing server's name: better
/// unknown than a user's dial-up.
/// The name in "<name>: Helo command rejected" is the helo, whatever else is known: the receiver
/// says which one it saw.
void find_sending_host(const Fields& bounce_header, const std::vector<Hop>& returned_hops,
                       DeliveryFailure& failure);

}  // namespace maildiag::bounce
