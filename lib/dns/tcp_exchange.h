/// One question over TCP (RFC 7766): for answers that do not fit into a datagram.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <asio/any_io_executor.hpp>

#include "core/ip_address.h"
#include "dns/backends.h"

namespace maildiag::dns {

class TcpExchange {
 public:
  /// `error` is timed_out after the time-out; `message` is empty on errors. Called once, from the
  /// event loop, unless cancelled.
  using Done = std::function<void(std::error_code error, std::string message)>;

  /// `source`: an address of ours of the server's family; none: as the routes say.
  static std::unique_ptr<TcpExchange> start(const asio::any_io_executor& executor,
                                            const ServerAddress& server, std::string query,
                                            std::chrono::milliseconds timeout, Done done,
                                            const std::optional<IpAddress>& source = std::nullopt);
  /// Cancels what has not ended: `done` is not called any more.
  ~TcpExchange();
  TcpExchange(const TcpExchange&) = delete;
  TcpExchange& operator=(const TcpExchange&) = delete;

 private:
  struct Connection;
  explicit TcpExchange(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> connection_;
};

}  // namespace maildiag::dns
