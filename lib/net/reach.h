/// Can a host be reached: TCP, ICMP echo, the way to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ip_address.h"
#include "core/task.h"
#include "net/hindrance.h"

namespace maildiag::net {

struct AccessOptions;

struct TcpRequest {
  std::string host;  ///< as the user named it, for connect-to rules; may be empty
  IpAddress address;
  std::uint16_t port = 0;
  std::chrono::milliseconds timeout{5000};
};
struct TcpReply {
  Fault fault = Fault::none;
  std::optional<Hindrance> hindrance;
  std::chrono::microseconds connect{0};
  IpAddress source;
};

/// More echo requests than these are nobody's diagnosis.
inline constexpr unsigned max_pings = 64;

struct PingRequest {
  std::string host;  ///< for connect-to rules; may be empty
  IpAddress address;
  unsigned count = 4;                                      ///< at most max_pings are sent
  std::chrono::milliseconds interval{200}, timeout{2000};  ///< of each
};
struct PingReply {
  /// none also where nothing came back: see `times`. unreachable: not even sent, or a router said
  /// that it leads nowhere.
  Fault fault = Fault::none;
  std::optional<Hindrance> hindrance;  ///< why it could not be sent, or what the router said
  std::vector<std::optional<std::chrono::microseconds>> times;  ///< in the order of sending
};

/// Distances that are probed at most: the TTL has eight bits.
inline constexpr unsigned max_trace_hops = 255;

struct TraceRequest {
  std::string host;  ///< for connect-to rules; may be empty
  IpAddress address;
  unsigned max_hops = 30, tries = 2;
  std::chrono::milliseconds timeout{1000};  ///< of each try
};
struct TraceHop {
  unsigned distance = 0;
  std::optional<IpAddress> address;  ///< none: silent
  std::chrono::microseconds time{0};
  bool target = false;
  std::optional<Hindrance> hindrance;  ///< none: passed on
};
struct TraceReply {
  Fault fault = Fault::none;
  std::optional<Hindrance> hindrance;
  std::vector<TraceHop> hops;  ///< by distance, without the silent ones behind the last that spoke
};

/// TCP connect, and close at once. These three need no privilege; `access` outlives the task.
Task<TcpReply> connect_tcp(const AccessOptions& access, TcpRequest request);
/// ICMP echo through datagram sockets (Linux: net.ipv4.ping_group_range, for IPv6 too).
Task<PingReply> ping(const AccessOptions& access, PingRequest request);
/// UDP datagrams with growing TTL; what the routers report is read from the socket's error queue,
/// as tracepath(8) does.
Task<TraceReply> trace(const AccessOptions& access, TraceRequest request);

}  // namespace maildiag::net
