/// What keeps a packet or a connection from its goal, and who says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "core/ip_address.h"
#include "net/fault.h"

namespace maildiag::net {

enum class Obstacle {
  not_allowed,  ///< ICMP echo without privilege
  forbidden,    ///< by a filter of this system
  foreign_source,
  no_family,  ///< no IPv6, say
  network_unreachable,
  host_unreachable,
  protocol_unreachable,
  port_unreachable,
  prohibited,
  time_exceeded,
  refused,
  reset,
  timed_out,
  other,  ///< see Hindrance::words
};

/// "network-unreachable": the word in JSON, and the end of the label lookup.reason.*.
std::string_view to_string(Obstacle obstacle);

struct Hindrance {
  Obstacle obstacle = Obstacle::other;
  std::optional<IpAddress> said_by;  ///< none: this system
  std::string words;                 ///< of `other`: the system's, or the ICMP type and code
};

/// What an error of the system comes to.
struct ProbeFailure {
  Fault fault = Fault::none;
  std::optional<Hindrance> hindrance;
};
ProbeFailure failure_of(std::error_code error);

}  // namespace maildiag::net
