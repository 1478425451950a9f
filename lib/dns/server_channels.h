/// The sockets of an engine: several to each server, each with a port of its own until that has had
/// its share of questions.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "dns/try_plan.h"
#include "dns/udp_channel.h"

namespace maildiag::dns {

/// Channels are numbered over all servers.
class ServerChannels {
 public:
  /// Ports that a forger has to guess from, for each server (RFC 5452 section 9.2); also receive
  /// buffers to spread over.
  static constexpr std::size_t asking = 4;
  /// Then a socket is worn and replaced by one with another port, so that a port that a forger
  /// finds in a long sweep is of no use to him. Opening one costs some 10 us.
  static constexpr std::size_t questions_per_port = 1000;
  /// Open at once for each server. Slow questions keep worn sockets open; files are few.
  static constexpr std::size_t most_open = 16;

  /// REQUIRES: `servers` live as long.
  ServerChannels(asio::any_io_executor executor, const Servers& servers);

  struct Taken {
    std::size_t channel = 0;
    bool opened = false;  ///< just now: somebody has to listen
  };
  /// A channel for one more question; chance decides which. nullopt: the server cannot be reached.
  std::optional<Taken> take(std::size_t server, std::size_t chance, std::error_code& error);
  /// Nobody waits for the answer to one of its questions any more. Closes what is worn and idle.
  void release(std::size_t channel);

  std::size_t size() const { return channels_.size(); }
  /// Null: closed.
  const std::shared_ptr<UdpChannel>& socket(std::size_t channel) const {
    return channels_[channel].socket;
  }
  /// Waiting handlers end with an error.
  void close_all();

 private:
  struct Channel {
    std::shared_ptr<UdpChannel> socket;
    std::size_t asked = 0;  // over this socket
    std::size_t under_way = 0;

    bool worn() const { return asked >= questions_per_port; }
  };

  std::size_t choose(std::size_t server, std::size_t chance) const;
  std::optional<std::size_t> find_open(std::size_t server) const;
  static void close(Channel& channel);

  asio::any_io_executor executor_;
  const Servers& servers_;
  std::vector<Channel> channels_;
};

}  // namespace maildiag::dns
