#include "faults/hostile_dns.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "dns/codec.h"
#include "faults/heap.h"
#include "faults/pause.h"

namespace maildiag::faults {
namespace {

using std::chrono::milliseconds;
using test::FakeQuery;
using test::FakeReply;

constexpr std::string_view own_host = "127.0.0.1", forgers_host = "127.0.0.66";

Task<bool> write(asio::ip::tcp::socket& connection, std::string_view octets) {
  std::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const auto buffer = asio::buffer(octets);
  co_await asio::async_write(connection, buffer, token);
  co_return !error;
}

void half_close(asio::ip::tcp::socket& connection) {
  std::error_code ignored;
  connection.shutdown(asio::socket_base::shutdown_send, ignored);
}

/// Until the other side closes.
Task<void> read_on(asio::ip::tcp::socket& connection) {
  std::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  std::array<char, 512> octets{};
  const auto buffer = asio::buffer(octets);
  while (!error) co_await connection.async_read_some(buffer, token);
}

std::string with_length(const std::string& message) {
  std::string out;
  dns::append_u16(out, message.size());
  return out + message;
}

}  // namespace

HostileDns::HostileDns(asio::io_context& loop, const test::FakeZone& zone, FaultPlan plan,
                       Dice& dice, milliseconds first_try)
    : loop_(loop),
      zone_(zone),
      plan_(std::move(plan)),
      dice_(dice),
      first_try_(first_try),
      udp_(loop),
      other_port_(loop),
      other_address_(loop),
      tcp_(loop) {
  address_.address = *IpAddress::parse(own_host);
  constexpr int attempts = 100;  // a port that is free four times
  for (int i = 0; !open(0); ++i) {
    if (i == attempts) throw std::runtime_error("no port is free");
  }
  if (plan_.dead) {
    udp_.close();
    tcp_.close();
    return;
  }
  receive();
  accept();
}

bool HostileDns::open(std::uint16_t port) {
  const auto own = asio::ip::make_address(own_host);
  std::error_code error;
  const auto bind = [&](auto& socket, const auto& endpoint) {
    if (socket.is_open()) socket.close(error);
    socket.open(endpoint.protocol(), error);
    if (!error) socket.bind(endpoint, error);
    return !error;
  };
  if (!bind(udp_, Udp::endpoint(own, port))) return false;
  address_.port = udp_.local_endpoint().port();
  if (!bind(tcp_, Tcp::endpoint(own, address_.port))) return false;
  tcp_.listen(asio::socket_base::max_listen_connections, error);
  return !error && bind(other_port_, Udp::endpoint(own, 0)) &&
         bind(other_address_, Udp::endpoint(asio::ip::make_address(forgers_host), address_.port));
}

milliseconds HostileDns::soon() {
  return milliseconds(1 + dice_.below(static_cast<std::size_t>(first_try_.count()) * 7 / 10));
}

void HostileDns::receive() {
  udp_.async_receive_from(asio::buffer(buffer_), peer_,
                          [this](std::error_code error, std::size_t size) {
                            if (error == asio::error::operation_aborted) return;
                            const auto query = test::read_query({buffer_.data(), error ? 0 : size});
                            if (query) on_query(*query, peer_);
                            receive();
                          });
}

void HostileDns::send_now(const std::string& message, const Udp::endpoint& peer, From from) {
  auto& socket = from == From::here         ? udp_
                 : from == From::other_port ? other_port_
                                            : other_address_;
  std::error_code ignored;
  socket.send_to(asio::buffer(message), peer, 0, ignored);
}

void HostileDns::send(std::string message, const Udp::endpoint& peer, milliseconds delay,
                      From from) {
  if (delay == milliseconds::zero()) return send_now(message, peer, from);
  const auto timer = std::make_shared<asio::steady_timer>(loop_, delay);
  timer->async_wait([this, timer, peer, from, octets = std::move(message)](std::error_code error) {
    if (!error) send_now(octets, peer, from);
  });
}

void HostileDns::send_forged(const FakeQuery& query, DnsFault fault, const Udp::endpoint& peer,
                             milliseconds delay) {
  const auto from = fault == DnsFault::forged_port      ? From::other_port
                    : fault == DnsFault::forged_address ? From::other_address
                                                        : From::here;
  const auto to = fault == DnsFault::forged_target ? other_port_of(peer) : peer;
  send(forge(query, fault, dice_), to, delay, from);
}

/// Another port that this asker has, where it is known.
HostileDns::Udp::endpoint HostileDns::other_port_of(const Udp::endpoint& peer) {
  std::vector<Udp::endpoint> others;
  for (const auto& each : peers_) {
    if (each != peer) others.push_back(each);
  }
  if (!others.empty()) return dice_.pick(others);
  return {peer.address(), static_cast<std::uint16_t>(peer.port() ^ 1U)};
}

/// The truth comes last.
Task<void> HostileDns::flood(FakeQuery query, Udp::endpoint peer, std::string truth) {
  constexpr std::size_t a_millisecond = 24;  // more would fill the asker's socket between two looks
  constexpr milliseconds between{1};
  std::vector<std::string> messages;
  for (const auto kind : {DnsFault::forged_id, DnsFault::forged_question, DnsFault::forged_bare}) {
    messages.push_back(forge(query, kind, dice_));
  }
  for (auto rounds = dice_.between(1, 8); rounds > 0; --rounds) {
    for (std::size_t i = 0; i < a_millisecond; ++i) {
      send_now(dice_.pick(messages), peer, dice_.pick({From::here, From::here, From::other_port}));
    }
    co_await pause(between);
    note_heap();
  }
  send_now(truth, peer, From::here);
}

/// Were they kept, it would be more than a scenario may take.
Task<void> HostileDns::deluge(FakeQuery query, Udp::endpoint peer) {
  constexpr std::size_t a_millisecond = 12, rounds = 320, octets = 1200;
  constexpr milliseconds between{1};
  const auto kind =
      dice_.pick({DnsFault::forged_id, DnsFault::forged_question, DnsFault::forged_query});
  auto message = forge(query, kind, dice_);
  message.resize(octets, '\0');
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < a_millisecond; ++i) send_now(message, peer, From::here);
    co_await pause(between);
    note_heap();
  }
}

void HostileDns::on_query(const FakeQuery& query, const Udp::endpoint& peer) {
  constexpr std::size_t offered = 1232, without_edns = 512;
  constexpr milliseconds at_once{0};
  auto reply = zone_.reply_to(query);
  auto truth = reply.encode(query);
  if (truth.size() > (query.edns ? offered : without_edns)) truth = reply.truncated().encode(query);
  const auto fault = dice_.chance(plan_.percent) ? dice_.pick(plan_.udp) : DnsFault::none;
  if (std::find(peers_.begin(), peers_.end(), peer) == peers_.end()) peers_.push_back(peer);
  switch (fault) {
    case DnsFault::none:
      return send(std::move(truth), peer, at_once);
    case DnsFault::late:
      return send(std::move(truth), peer, soon());
    case DnsFault::twice:
      send(truth, peer, at_once);
      return send(std::move(truth), peer, soon());
    case DnsFault::flood:
      return asio::co_spawn(loop_, flood(query, peer, std::move(truth)), asio::detached);
    case DnsFault::truncated:
      return send(reply.truncated().encode(query), peer, at_once);
    case DnsFault::truncated_forged:
      return send_forged(query, fault, peer, at_once);
    case DnsFault::alias_alone:
      return send(reply.only_first_alias().encode(query), peer, at_once);
    case DnsFault::deluge:
      if (!std::exchange(deluged_, true)) {
        asio::co_spawn(loop_, deluge(query, peer), asio::detached);
      }
      return;
    case DnsFault::lost:
      return;
    case DnsFault::too_late:
      return send(std::move(truth), peer, first_try_ * dice_.between(11, 40) / 10);
    case DnsFault::cut:
    case DnsFault::damaged:
    case DnsFault::refusal:
    case DnsFault::no_edns:
    case DnsFault::loop:
    case DnsFault::counts:
    case DnsFault::fewer:
    case DnsFault::strings:
    case DnsFault::nonsense:
    case DnsFault::tiny:
    case DnsFault::garbled:
      return send(spoil(query, std::move(truth), fault, dice_), peer, at_once);
    default:  // the forged ones
      send_forged(query, fault, peer, at_once);
      if (dice_.chance(30)) send_forged(query, fault, peer, soon() / 2);
      return send(std::move(truth), peer, soon());
  }
}

void HostileDns::accept() {
  tcp_.async_accept([this](std::error_code error, Tcp::socket connection) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      // The kernel's clock is the true one: its delays would take longer than any time-out.
      connection.set_option(Tcp::no_delay(true), error);
      asio::co_spawn(loop_, serve(std::move(connection)), asio::detached);
    }
    accept();
  });
}

Task<void> HostileDns::serve(Tcp::socket connection) {
  const auto fault = dice_.chance(plan_.tcp_percent) ? dice_.pick(plan_.tcp) : TcpFault::none;
  if (fault == TcpFault::refused) co_return;
  if (fault == TcpFault::deaf) {
    if (dice_.chance(50)) half_close(connection);
    co_await pause(std::chrono::hours(1));
    co_return;
  }
  std::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  std::array<unsigned char, 2> size{};
  const auto size_buffer = asio::buffer(size);
  co_await asio::async_read(connection, size_buffer, token);
  if (error) co_return;
  std::string wire(std::size_t{size[0]} << 8U | size[1], '\0');
  const auto wire_buffer = asio::buffer(wire);
  co_await asio::async_read(connection, wire_buffer, token);
  auto query = test::read_query(wire);
  if (error || !query) co_return;
  query->tcp = true;
  auto octets = framed(*query, fault);
  co_await answer(connection, std::move(octets), fault);
}

std::string HostileDns::framed(const FakeQuery& query, TcpFault fault) {
  constexpr std::size_t most = 65'535;
  switch (fault) {
    case TcpFault::forged:
      return with_length(
          forge(query,
                dice_.pick({DnsFault::forged_id, DnsFault::forged_question, DnsFault::forged_bare,
                            DnsFault::forged_opcode, DnsFault::forged_query}),
                dice_));
    case TcpFault::truncated:
      return with_length(forge(query, DnsFault::truncated_forged, dice_));
    case TcpFault::nonsense: {
      const auto kind =
          dice_.pick({DnsFault::nonsense, DnsFault::loop, DnsFault::strings, DnsFault::counts,
                      DnsFault::fewer, DnsFault::refusal, DnsFault::tiny});
      return with_length(spoil(query, zone_.reply_to(query).encode(query), kind, dice_));
    }
    case TcpFault::zero:
      return with_length("");
    case TcpFault::endless:
      return with_length(std::string(most, '\0'));
    default:
      return with_length(zone_.reply_to(query).encode(query));
  }
}

Task<void> HostileDns::answer(Tcp::socket& connection, std::string framed, TcpFault fault) {
  constexpr milliseconds octet_time{2};
  std::string_view octets = framed;
  switch (fault) {
    case TcpFault::closed:
      co_return;
    case TcpFault::silent:
      co_await pause(std::chrono::hours(1));
      co_return;
    case TcpFault::reset: {
      std::error_code ignored;
      connection.set_option(asio::socket_base::linger(true, 0), ignored);
      co_return;
    }
    case TcpFault::half:
      octets = octets.substr(0, dice_.below(octets.size()));
      break;
    case TcpFault::half_closed:
    case TcpFault::half_closed_behind:
      if (fault == TcpFault::half_closed) octets = octets.substr(0, dice_.below(octets.size()));
      co_await write(connection, octets);
      half_close(connection);
      co_await read_on(connection);
      co_return;
    case TcpFault::split: {
      const auto cut = dice_.below(octets.size());
      const auto first = octets.substr(0, cut);
      co_await write(connection, first);
      co_await pause(octet_time);
      octets.remove_prefix(cut);
      break;
    }
    case TcpFault::drip:
    case TcpFault::too_slow: {
      const auto time =
          fault == TcpFault::drip ? octet_time : first_try_ * 8 / static_cast<int>(octets.size());
      const auto step = fault == TcpFault::drip ? octets.size() / 64 + 1 : 1;
      while (!octets.empty()) {
        const auto part = octets.substr(0, step);
        const bool sent = co_await write(connection, part);
        if (!sent) co_return;
        octets.remove_prefix(part.size());
        co_await pause(time);
      }
      co_return;
    }
    case TcpFault::endless: {
      constexpr int rounds = 200;
      for (int i = 0; i < rounds; ++i) {
        const bool sent = co_await write(connection, octets);
        if (!sent) co_return;
        co_await pause(octet_time);
        note_heap();
      }
      co_return;
    }
    default:
      break;
  }
  co_await write(connection, octets);
  co_await pause(octet_time);
}

}  // namespace maildiag::faults
