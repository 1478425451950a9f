#include "dns/udp_channel.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>

#include "core/descriptor.h"

namespace maildiag::dns {
namespace {

std::error_code last_error() {
  return {errno, std::system_category()};
}

/// The packet is lost, the server may be well: no memory for it, or a packet filter whose tables
/// are full. The next try comes with the time-out.
bool is_loss(int error) {
  return error == ENOBUFS || error == ENOMEM || error == EPERM;
}

bool bind_handle(int handle, const IpAddress& source) {
  SocketAddress own;
  ServerAddress any_port;
  any_port.address = source;
  any_port.port = 0;
  return !to_socket_address(any_port, own) &&
         ::bind(handle, reinterpret_cast<const sockaddr*>(&own.storage), own.size) == 0;
}

/// Opens, binds and connects; not open, and the error, otherwise.
Descriptor open_socket(const ServerAddress& server, const std::optional<IpAddress>& source,
                       std::error_code& error) {
  SocketAddress address;
  error = to_socket_address(server, address);
  if (error) return {};
  Descriptor socket(
      ::socket(address.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) {
    error = last_error();
    return {};
  }
  const int handle = socket.number();
  // The default holds some 250 answers, a burst may bring more; the kernel caps it as its
  // administrator wishes.
  constexpr int receive_octets = 1 << 20;
  ::setsockopt(handle, SOL_SOCKET, SO_RCVBUF, &receive_octets, sizeof receive_octets);
  if ((source && !bind_handle(handle, *source)) ||
      ::connect(handle, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    error = last_error();
    return {};
  }
  return socket;
}

}  // namespace

std::error_code to_socket_address(const ServerAddress& server, SocketAddress& out) {
  if (server.address.is_v4()) {
    sockaddr_in ip4{};
    ip4.sin_family = AF_INET;
    ip4.sin_port = htons(server.port);
    std::memcpy(&ip4.sin_addr, server.address.data(), server.address.size());
    std::memcpy(&out.storage, &ip4, sizeof ip4);
    out.size = sizeof ip4;
    return {};
  }
  sockaddr_in6 ip6{};
  ip6.sin6_family = AF_INET6;
  ip6.sin6_port = htons(server.port);
  std::memcpy(&ip6.sin6_addr, server.address.data(), server.address.size());
  if (!server.scope.empty()) {
    ip6.sin6_scope_id = ::if_nametoindex(server.scope.c_str());
    if (ip6.sin6_scope_id == 0) return last_error();
  }
  std::memcpy(&out.storage, &ip6, sizeof ip6);
  out.size = sizeof ip6;
  return {};
}

ReceiveBuffers::ReceiveBuffers() : octets_(batch * packet_size) {
  for (std::size_t i = 0; i < batch; ++i) {
    parts_[i].iov_base = octets_.data() + i * packet_size;
    parts_[i].iov_len = packet_size;
    headers_[i].msg_hdr.msg_iov = &parts_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

std::size_t ReceiveBuffers::receive(int socket, std::error_code& error) {
  const int count = ::recvmmsg(socket, headers_.data(), batch, MSG_DONTWAIT, nullptr);
  if (count >= 0) return static_cast<std::size_t>(count);
  error = last_error();
  return 0;
}

std::span<char> ReceiveBuffers::packet(std::size_t index) {
  return {octets_.data() + index * packet_size, headers_[index].msg_len};
}

bool ReceiveBuffers::cut_off(std::size_t index) const {
  return (headers_[index].msg_hdr.msg_flags & MSG_TRUNC) != 0;
}

UdpChannel::UdpChannel(const asio::any_io_executor& executor, const ServerAddress& server,
                       std::error_code& error, const std::optional<IpAddress>& source)
    : descriptor_(executor) {
  auto socket = open_socket(server, source, error);
  if (!socket.is_open()) return;
  descriptor_.assign(socket.number(), error);
  if (!error) socket.release();
}

std::error_code UdpChannel::flush() {
  constexpr std::size_t batch = 64;
  std::array<iovec, batch> parts;
  std::array<mmsghdr, batch> headers;
  std::error_code error;
  std::size_t sent = 0;
  while (sent < ends_.size() && !error) {
    const auto count = static_cast<unsigned>(std::min(batch, ends_.size() - sent));
    for (unsigned i = 0; i < count; ++i) {
      const std::size_t start = sent + i == 0 ? 0 : ends_[sent + i - 1];
      parts[i] = {staging_.data() + start, ends_[sent + i] - start};
      headers[i] = {};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    const int done = ::sendmmsg(native(), headers.data(), count, MSG_DONTWAIT);
    if (done < 0 && is_loss(errno)) {
      sent += count;
    } else if (done < 0) {
      if (errno != EINTR) error = last_error();
    } else {
      sent += static_cast<std::size_t>(done);
    }
  }
  if (error == std::errc::operation_would_block && sent > 0) {
    const std::size_t start = ends_[sent - 1];
    staging_.erase(0, start);
    ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(sent));
    for (auto& end : ends_) end -= start;
  } else if (error != std::errc::operation_would_block) {
    staging_.clear();
    ends_.clear();
  }
  return error;
}

}  // namespace maildiag::dns
