/// A name server that knows the truth and seldom just tells it, on the event loop of those who ask.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>

#include "core/task.h"
#include "dns/backends.h"
#include "faults/dns_fault.h"
#include "support/fake_zone.h"

namespace maildiag::faults {

class HostileDns {
 public:
  /// `first_try`: how long the askers wait at least. REQUIRES: zone and dice outlive the event
  /// loop's last round.
  HostileDns(asio::io_context& loop, const test::FakeZone& zone, FaultPlan plan, Dice& dice,
             std::chrono::milliseconds first_try);
  HostileDns(const HostileDns&) = delete;
  HostileDns& operator=(const HostileDns&) = delete;

  const dns::ServerAddress& address() const { return address_; }

 private:
  using Udp = asio::ip::udp;
  using Tcp = asio::ip::tcp;
  enum class From { here, other_port, other_address };

  bool open(std::uint16_t port);
  void receive();
  void on_query(const test::FakeQuery& query, const Udp::endpoint& peer);
  void send_now(const std::string& message, const Udp::endpoint& peer, From from);
  void send(std::string message, const Udp::endpoint& peer, std::chrono::milliseconds delay,
            From from = From::here);
  void send_forged(const test::FakeQuery& query, DnsFault fault, const Udp::endpoint& peer,
                   std::chrono::milliseconds delay);
  Udp::endpoint other_port_of(const Udp::endpoint& peer);
  Task<void> flood(test::FakeQuery query, Udp::endpoint peer, std::string truth);
  Task<void> deluge(test::FakeQuery query, Udp::endpoint peer);
  std::chrono::milliseconds soon();

  void accept();
  Task<void> serve(Tcp::socket connection);
  Task<void> answer(Tcp::socket& connection, std::string framed, TcpFault fault);
  std::string framed(const test::FakeQuery& query, TcpFault fault);

  asio::io_context& loop_;
  const test::FakeZone& zone_;
  FaultPlan plan_;
  Dice& dice_;
  std::chrono::milliseconds first_try_;
  dns::ServerAddress address_;
  Udp::socket udp_, other_port_, other_address_;
  Tcp::acceptor tcp_;
  Udp::endpoint peer_;
  std::vector<Udp::endpoint> peers_;  ///< ports that were asked from
  std::array<char, 2048> buffer_{};
  bool deluged_ = false;
};

}  // namespace maildiag::faults
