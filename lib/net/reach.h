/// Can a host be reached: TCP, ICMP echo, the way to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ip_address.h"
#include "net/fault.h"

namespace maildiag::net {

struct TcpRequest {
  IpAddress address;
  std::uint16_t port = 0;
  std::chrono::milliseconds timeout{5000};
};
struct TcpReply {
  Fault fault = Fault::none;
  std::string reason;
  std::chrono::microseconds connect{0};
  IpAddress source;
};

struct PingRequest {
  IpAddress address;
  unsigned count = 4;
  std::chrono::milliseconds interval{200}, timeout{2000};  ///< of each
};
struct PingReply {
  Fault fault = Fault::none;  ///< none also where nothing came back: see `times`
  std::string reason;         ///< why it could not even be sent, and the cure
  std::vector<std::optional<std::chrono::microseconds>> times;  ///< in the order of sending
};

struct TraceRequest {
  IpAddress address;
  unsigned max_hops = 30, tries = 2;
  std::chrono::milliseconds timeout{1000};  ///< of each try
};
struct TraceHop {
  unsigned distance = 0;
  std::optional<IpAddress> address;  ///< none: silent
  std::chrono::microseconds time{0};
  bool target = false;
  std::string note;  ///< "network unreachable", "prohibited"; empty: passed on
};
struct TraceReply {
  Fault fault = Fault::none;
  std::string reason;
  std::vector<TraceHop> hops;
};

}  // namespace maildiag::net
