/// What the probes of reach.h share: sockets, their error queues, deadlines.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/ip/udp.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include "core/deadline.h"
#include "core/ip_address.h"
#include "core/task.h"
#include "net/hindrance.h"

namespace maildiag::net {

using ProbeClock = std::chrono::steady_clock;

asio::ip::address to_asio(const IpAddress& address);
IpAddress from_asio(const asio::ip::address& address);

/// A non-blocking datagram socket of the destination's family with an error queue, bound to
/// `source` where there is one.
std::error_code open_probe_socket(asio::posix::stream_descriptor& socket,
                                  const IpAddress& destination, int protocol,
                                  const std::optional<IpAddress>& source);

/// Until there is something to read, an error too, or the time has come.
Task<void> wait_readable(asio::posix::stream_descriptor& socket, ProbeClock::time_point until);

/// What a router or the destination says of a datagram that was sent.
struct ProbeError {
  bool local = false;                 ///< our own host says so
  int error = 0;                      ///< errno
  std::uint8_t type = 0, code = 0;    ///< ICMP or ICMPv6
  std::optional<IpAddress> offender;  ///< who says it
  std::uint16_t port = 0;             ///< to which the datagram went
};
/// The next of the socket's error queue.
std::optional<ProbeError> read_probe_error(int socket);

/// What ICMP says; time_exceeded where it is only that the time to live ran out.
Hindrance hindrance_of(const ProbeError& error, IpAddress::Family family);
/// The destination itself refused the port: the datagram arrived.
bool is_port_unreachable(const ProbeError& error, IpAddress::Family family);

}  // namespace maildiag::net
