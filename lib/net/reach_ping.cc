#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <asio/this_coro.hpp>

#include "net/network.h"
#include "net/probe_socket.h"

namespace maildiag::net {

namespace {

/// Echo header and the 56 octets of ping(8).
using EchoPacket = std::array<unsigned char, 64>;

/// The kernel fills in identifier and checksum.
EchoPacket echo_request(bool v4, unsigned sequence) {
  EchoPacket packet{};
  packet[0] = v4 ? std::uint8_t{ICMP_ECHO} : std::uint8_t{ICMP6_ECHO_REQUEST};
  packet[6] = static_cast<unsigned char>(sequence >> 8U & 0xffU);
  packet[7] = static_cast<unsigned char>(sequence & 0xffU);
  return packet;
}

ProbeFailure cannot_open(std::error_code error) {
  if (error != std::errc::permission_denied) return failure_of(error);
  return {Fault::unreachable, Hindrance{Obstacle::not_allowed, std::nullopt, {}}};
}

class PingRun {
 public:
  PingRun(PingRequest request, IpAddress to, asio::posix::stream_descriptor& socket)
      : request_(std::move(request)), to_(to), socket_(socket) {
    count_ = std::min(request_.count, max_pings);
  }

  Task<void> run();
  PingReply take_reply() { return std::move(reply_); }

 private:
  bool done() const;
  void send();
  void read_answers();
  void read_errors();

  PingRequest request_;
  IpAddress to_;
  asio::posix::stream_descriptor& socket_;
  std::size_t count_ = 0, answered_ = 0;
  std::vector<ProbeClock::time_point> sent_;
  ProbeFailure said_;  // by a router
  PingReply reply_;
};

Task<void> PingRun::run() {
  ProbeClock::time_point next = ProbeClock::now();
  while (!done()) {
    if (sent_.size() < count_ && ProbeClock::now() >= next) {
      next = ProbeClock::now() + request_.interval;
      send();
      continue;
    }
    const auto until = sent_.size() < count_ ? next : sent_.back() + request_.timeout;
    co_await wait_readable(socket_, until);
    read_answers();
    read_errors();
  }
  if (answered_ == 0 && reply_.fault == Fault::none) {
    reply_.fault = said_.fault;
    reply_.hindrance = said_.hindrance;
  }
}

bool PingRun::done() const {
  if (reply_.fault != Fault::none) return true;
  if (sent_.size() < count_) return false;
  return answered_ == count_ || sent_.empty() ||
         ProbeClock::now() >= sent_.back() + request_.timeout;
}

void PingRun::send() {
  const auto packet = echo_request(to_.is_v4(), static_cast<unsigned>(sent_.size()));
  const asio::ip::udp::endpoint to(to_asio(to_), 0);
  sent_.push_back(ProbeClock::now());
  reply_.times.emplace_back();
  constexpr int tries = 3;  // an earlier packet's error is told here, too, once for each
  for (int i = 0; i < tries; ++i) {
    const auto size = static_cast<socklen_t>(to.size());
    if (sendto(socket_.native_handle(), packet.data(), packet.size(), 0, to.data(), size) >= 0)
      return;
    const std::error_code error(errno, std::system_category());
    read_errors();
    if (i + 1 == tries) {
      auto failure = failure_of(error);
      reply_.fault = failure.fault;
      reply_.hindrance = std::move(failure.hindrance);
    }
  }
}

void PingRun::read_answers() {
  EchoPacket packet{};
  while (true) {
    const auto size = recv(socket_.native_handle(), packet.data(), packet.size(), MSG_DONTWAIT);
    if (size < 0) return;
    const unsigned expected = to_.is_v4() ? unsigned{ICMP_ECHOREPLY} : unsigned{ICMP6_ECHO_REPLY};
    if (size < 8 || packet[0] != expected) continue;
    const std::size_t sequence = std::size_t{packet[6]} << 8U | packet[7];
    if (sequence >= sent_.size() || reply_.times[sequence]) continue;
    const auto time = ProbeClock::now() - sent_[sequence];
    if (time > request_.timeout) continue;
    reply_.times[sequence] = std::chrono::duration_cast<std::chrono::microseconds>(time);
    ++answered_;
  }
}

void PingRun::read_errors() {
  while (const auto error = read_probe_error(socket_.native_handle())) {
    if (error->local || !error->offender) continue;
    said_ = {Fault::unreachable, hindrance_of(*error, to_.family())};
  }
}

}  // namespace

Task<PingReply> ping(const AccessOptions& access, PingRequest request) {
  PingReply reply;
  const auto wanted = access.endpoint(request.host, {request.address, 0});
  if (!wanted) {
    reply.fault = Fault::offline;
    co_return reply;
  }
  const auto to = wanted->address;
  const auto executor = co_await asio::this_coro::executor;
  asio::posix::stream_descriptor socket(executor);
  const int protocol = to.is_v4() ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
  const auto source = to.is_v4() ? access.source4 : access.source6;
  if (const auto error = open_probe_socket(socket, to, protocol, source)) {
    auto failure = cannot_open(error);
    reply.fault = failure.fault;
    reply.hindrance = std::move(failure.hindrance);
    co_return reply;
  }
  PingRun run(std::move(request), to, socket);
  co_await run.run();
  co_return run.take_reply();
}

}  // namespace maildiag::net
