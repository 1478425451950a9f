/// A connected UDP socket that sends and receives in batches.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include "core/ip_address.h"
#include "dns/backends.h"

namespace maildiag::dns {

/// The socket address of a server; its length.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};
/// Error: an interface that does not exist.
std::error_code to_socket_address(const ServerAddress& server, SocketAddress& out);

/// Room for the packets that one recvmmsg() returns; one for all channels of an engine.
class ReceiveBuffers {
 public:
  static constexpr std::size_t batch = 32;
  /// More than we offer by EDNS; what is larger is cut off and counts as truncated.
  static constexpr std::size_t packet_size = 2048;

  ReceiveBuffers();
  ReceiveBuffers(const ReceiveBuffers&) = delete;
  ReceiveBuffers& operator=(const ReceiveBuffers&) = delete;

  /// The number of packets read from `socket`, or the error.
  std::size_t receive(int socket, std::error_code& error);
  std::span<char> packet(std::size_t index);
  bool cut_off(std::size_t index) const;

 private:
  std::vector<char> octets_;
  std::array<iovec, batch> parts_{};
  std::array<mmsghdr, batch> headers_{};
};

/// The kernel chooses the port at random and drops what does not come from the server (connect()).
class UdpChannel {
 public:
  /// `source`: an address of ours of the server's family; none: as the routes say.
  UdpChannel(const asio::any_io_executor& executor, const ServerAddress& server,
             std::error_code& error, const std::optional<IpAddress>& source = std::nullopt);

  int native() { return descriptor_.native_handle(); }
  asio::posix::stream_descriptor& descriptor() { return descriptor_; }

  /// The packet is complete when `end_packet` follows what was appended to `staging()`.
  std::string& staging() { return staging_; }
  void end_packet() { ends_.push_back(staging_.size()); }
  bool has_staged() const { return !ends_.empty(); }
  /// Sends what is staged. operation_would_block: the rest stays staged. Any other error: all of it
  /// is dropped.
  std::error_code flush();

 private:
  asio::posix::stream_descriptor descriptor_;
  std::string staging_;
  std::vector<std::size_t> ends_;  // of the packets in staging_
};

}  // namespace maildiag::dns
