#include "net/probe_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "core/descriptor.h"

namespace maildiag::net {

asio::ip::address to_asio(const IpAddress& address) {
  if (address.is_v4()) {
    asio::ip::address_v4::bytes_type octets;
    std::memcpy(octets.data(), address.data(), octets.size());
    return asio::ip::address_v4(octets);
  }
  asio::ip::address_v6::bytes_type octets;
  std::memcpy(octets.data(), address.data(), octets.size());
  return asio::ip::address_v6(octets);
}

IpAddress from_asio(const asio::ip::address& address) {
  if (address.is_v4()) return IpAddress::from_v4(address.to_v4().to_bytes());
  return IpAddress::from_v6(address.to_v6().to_bytes());
}

namespace {

std::error_code last_error() {
  return {errno, std::system_category()};
}

std::error_code want_errors(int socket, bool v4) {
  const int on = 1;
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  const int option = v4 ? IP_RECVERR : IPV6_RECVERR;
  if (setsockopt(socket, level, option, &on, sizeof on) != 0) return last_error();
  return {};
}

std::optional<IpAddress> address_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return IpAddress::from_v4(octets);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    return IpAddress::from_v6(octets);
  }
  return std::nullopt;
}

std::uint16_t port_of(const sockaddr_storage& address) {
  sockaddr_in v4{};  // the port stands at the same place in both families
  std::memcpy(&v4, &address, sizeof v4);
  return ntohs(v4.sin_port);
}

void read_control(const cmsghdr& header, const unsigned char* data, ProbeError& out) {
  const bool v4 = header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_RECVERR;
  const bool v6 = header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_RECVERR;
  sock_extended_err what{};
  if ((!v4 && !v6) || header.cmsg_len < CMSG_LEN(sizeof what)) return;
  std::memcpy(&what, data, sizeof what);
  out.local = what.ee_origin == SO_EE_ORIGIN_LOCAL;
  out.error = static_cast<int>(what.ee_errno);
  out.type = what.ee_type;
  out.code = what.ee_code;
  sockaddr_storage offender{};
  const auto size = header.cmsg_len - CMSG_LEN(sizeof what);
  if (out.local || size < sizeof(sockaddr_in)) return;
  std::memcpy(&offender, data + sizeof what, std::min(size, sizeof offender));
  out.offender = address_of(reinterpret_cast<const sockaddr*>(&offender));
}

}  // namespace

std::error_code open_probe_socket(asio::posix::stream_descriptor& socket,
                                  const IpAddress& destination, int protocol,
                                  const std::optional<IpAddress>& source) {
  const int family = destination.is_v4() ? AF_INET : AF_INET6;
  Descriptor opened(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!opened.is_open()) return last_error();
  std::error_code error;
  socket.assign(opened.number(), error);
  if (error) return error;
  const int descriptor = opened.release();
  if (const auto refused = want_errors(descriptor, destination.is_v4())) return refused;
  if (!source) return {};
  const asio::ip::udp::endpoint from(to_asio(*source), 0);
  if (bind(descriptor, from.data(), static_cast<socklen_t>(from.size())) != 0) return last_error();
  return {};
}

Task<void> wait_readable(asio::posix::stream_descriptor& socket, ProbeClock::time_point until) {
  const auto executor = co_await asio::this_coro::executor;
  const Deadline deadline(executor, until, [&socket] {
    std::error_code ignored;
    socket.cancel(ignored);
  });
  std::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  co_await socket.async_wait(asio::posix::stream_descriptor::wait_read, token);
}

std::optional<ProbeError> read_probe_error(int socket) {
  std::array<char, 64> payload{};
  alignas(cmsghdr) std::array<unsigned char, 512> control{};
  sockaddr_storage destination{};
  iovec part{payload.data(), payload.size()};
  msghdr message{};
  message.msg_name = &destination;
  message.msg_namelen = sizeof destination;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
  ProbeError error;
  error.port = port_of(destination);
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    read_control(*header, CMSG_DATA(header), error);
  }
  return error;
}

namespace {

Hindrance by_code(std::string_view protocol, const ProbeError& error) {
  return {Obstacle::other, error.offender,
          fmt::format("{} type {} code {}", protocol, error.type, error.code)};
}

Hindrance hindrance_v4(const ProbeError& error) {
  if (error.type == ICMP_TIME_EXCEEDED) return {Obstacle::time_exceeded, error.offender, {}};
  if (error.type != ICMP_DEST_UNREACH) return by_code("ICMP", error);
  switch (error.code) {
    case ICMP_NET_UNREACH:
      return {Obstacle::network_unreachable, error.offender, {}};
    case ICMP_HOST_UNREACH:
      return {Obstacle::host_unreachable, error.offender, {}};
    case ICMP_PROT_UNREACH:
      return {Obstacle::protocol_unreachable, error.offender, {}};
    case ICMP_PORT_UNREACH:
      return {Obstacle::port_unreachable, error.offender, {}};
    case ICMP_NET_ANO:
    case ICMP_HOST_ANO:
    case ICMP_PKT_FILTERED:
      return {Obstacle::prohibited, error.offender, {}};
    default:
      return by_code("ICMP", error);
  }
}

Hindrance hindrance_v6(const ProbeError& error) {
  if (error.type == ICMP6_TIME_EXCEEDED) return {Obstacle::time_exceeded, error.offender, {}};
  if (error.type != ICMP6_DST_UNREACH) return by_code("ICMPv6", error);
  switch (error.code) {
    case ICMP6_DST_UNREACH_NOROUTE:
      return {Obstacle::network_unreachable, error.offender, {}};
    case ICMP6_DST_UNREACH_ADMIN:
      return {Obstacle::prohibited, error.offender, {}};
    case ICMP6_DST_UNREACH_ADDR:
      return {Obstacle::host_unreachable, error.offender, {}};
    case ICMP6_DST_UNREACH_NOPORT:
      return {Obstacle::port_unreachable, error.offender, {}};
    default:
      return by_code("ICMPv6", error);
  }
}

}  // namespace

Hindrance hindrance_of(const ProbeError& error, IpAddress::Family family) {
  return family == IpAddress::Family::ip4 ? hindrance_v4(error) : hindrance_v6(error);
}

bool is_port_unreachable(const ProbeError& error, IpAddress::Family family) {
  if (error.local) return false;
  if (family == IpAddress::Family::ip4)
    return error.type == ICMP_DEST_UNREACH && error.code == ICMP_PORT_UNREACH;
  return error.type == ICMP6_DST_UNREACH && error.code == ICMP6_DST_UNREACH_NOPORT;
}

}  // namespace maildiag::net
