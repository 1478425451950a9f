#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>

#include <asio/this_coro.hpp>

#include "net/network.h"
#include "net/probe_socket.h"

namespace maildiag::net {

namespace {

/// Where traceroute(8) begins; the port of a datagram tells which distance an answer is about.
constexpr std::uint16_t first_port = 33434;
/// Distances that are probed at once: silent ones cost their time-out once for all of them, and no
/// router is asked for more answers a second than it gives.
constexpr unsigned parallel_hops = 5;
/// Datagrams are as empty as they may be without being taken for broken.
constexpr std::size_t payload_size = 16;

class TraceRun {
 public:
  TraceRun(const TraceRequest& request, IpAddress to, asio::posix::stream_descriptor& socket)
      : to_(to), socket_(socket), timeout_(request.timeout), tries_(std::max(1U, request.tries)) {
    const auto count = std::clamp(request.max_hops, 1U, max_trace_hops);
    hops_.resize(count);
    sent_.resize(count);
    for (unsigned i = 0; i < count; ++i) hops_[i].distance = i + 1;
  }

  Task<void> run();
  TraceReply take_reply();

 private:
  Task<void> probe(std::size_t begin, std::size_t end);
  bool all_known(std::size_t begin, std::size_t end) const;
  void send(std::size_t index);
  bool send_datagram(std::size_t index);
  void read();
  void note(const ProbeError& error);
  void end_at(std::size_t index);

  IpAddress to_;
  asio::posix::stream_descriptor& socket_;
  std::chrono::milliseconds timeout_;
  unsigned tries_;
  std::vector<TraceHop> hops_;
  std::vector<ProbeClock::time_point> sent_;
  std::optional<std::size_t> last_;  // nothing comes behind it
  ProbeFailure failure_;
};

Task<void> TraceRun::run() {
  for (std::size_t begin = 0; begin < hops_.size() && !last_; begin += parallel_hops) {
    const auto end = std::min<std::size_t>(begin + parallel_hops, hops_.size());
    for (unsigned i = 0; i < tries_ && failure_.fault == Fault::none; ++i) {
      if (all_known(begin, end)) break;
      co_await probe(begin, end);
    }
    if (failure_.fault != Fault::none) co_return;
  }
}

/// What lies behind the end does not matter.
bool TraceRun::all_known(std::size_t begin, std::size_t end) const {
  if (last_) end = std::min(end, *last_ + 1);
  for (auto i = begin; i < end; ++i) {
    if (!hops_[i].address) return false;
  }
  return true;
}

Task<void> TraceRun::probe(std::size_t begin, std::size_t end) {
  for (auto i = begin; i < end; ++i) {
    if (!hops_[i].address && (!last_ || i < *last_)) send(i);
    if (failure_.fault != Fault::none) co_return;
  }
  const auto until = ProbeClock::now() + timeout_;
  read();
  while (!all_known(begin, end) && ProbeClock::now() < until) {
    co_await wait_readable(socket_, until);
    read();
  }
}

void TraceRun::send(std::size_t index) {
  constexpr int tries = 4;  // an earlier datagram's error is told here, too, once for each
  for (int i = 0; i < tries; ++i) {
    if (send_datagram(index)) return;
    const std::error_code error(errno, std::system_category());
    read();
    if (i + 1 == tries) failure_ = failure_of(error);
  }
}

bool TraceRun::send_datagram(std::size_t index) {
  const auto ttl = static_cast<int>(hops_[index].distance);
  const int level = to_.is_v4() ? IPPROTO_IP : IPPROTO_IPV6;
  const int option = to_.is_v4() ? IP_TTL : IPV6_UNICAST_HOPS;
  if (setsockopt(socket_.native_handle(), level, option, &ttl, sizeof ttl) != 0) return false;
  const asio::ip::udp::endpoint to(to_asio(to_), static_cast<std::uint16_t>(first_port + index));
  const std::array<char, payload_size> payload{};
  sent_[index] = ProbeClock::now();
  return sendto(socket_.native_handle(), payload.data(), payload.size(), 0, to.data(),
                static_cast<socklen_t>(to.size())) >= 0;
}

void TraceRun::read() {
  while (const auto error = read_probe_error(socket_.native_handle())) {
    if (!error->local && error->offender) note(*error);
  }
  // A datagram is an answer of a server that happens to listen there.
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  char octet = 0;
  while (recvfrom(socket_.native_handle(), &octet, sizeof octet, MSG_DONTWAIT,
                  reinterpret_cast<sockaddr*>(&from), &size) >= 0) {
    asio::ip::udp::endpoint endpoint;
    endpoint.resize(size);
    std::copy_n(reinterpret_cast<const char*>(&from), size,
                reinterpret_cast<char*>(endpoint.data()));
    size = sizeof from;
    const unsigned index = unsigned{endpoint.port()} - first_port;
    if (from_asio(endpoint.address()) != to_ || index >= hops_.size()) continue;
    hops_[index].address = to_;
    end_at(index);
  }
}

void TraceRun::note(const ProbeError& error) {
  const unsigned index = unsigned{error.port} - first_port;
  if (index >= hops_.size() || hops_[index].address) return;
  auto& hop = hops_[index];
  hop.address = error.offender;
  hop.time =
      std::chrono::duration_cast<std::chrono::microseconds>(ProbeClock::now() - sent_[index]);
  const bool arrived = *error.offender == to_ || is_port_unreachable(error, to_.family());
  auto said = hindrance_of(error, to_.family());
  const bool passed_on = said.obstacle == Obstacle::time_exceeded;
  if (!passed_on && !is_port_unreachable(error, to_.family())) hop.hindrance = std::move(said);
  if (arrived || hop.hindrance) end_at(index);
}

/// The nearest end counts: datagrams with a larger TTL arrive there as well.
void TraceRun::end_at(std::size_t index) {
  hops_[index].target = hops_[index].address == to_;
  last_ = std::min(last_.value_or(index), index);
}

TraceReply TraceRun::take_reply() {
  TraceReply reply;
  reply.fault = failure_.fault;
  reply.hindrance = std::move(failure_.hindrance);
  if (last_) {
    hops_.resize(*last_ + 1);
  } else {
    while (!hops_.empty() && !hops_.back().address) hops_.pop_back();
  }
  reply.hops = std::move(hops_);
  return reply;
}

}  // namespace

Task<TraceReply> trace(const AccessOptions& access, TraceRequest request) {
  TraceReply reply;
  const auto wanted = access.endpoint(request.host, {request.address, 0});
  if (!wanted) {
    reply.fault = Fault::offline;
    co_return reply;
  }
  const auto to = wanted->address;
  const auto executor = co_await asio::this_coro::executor;
  asio::posix::stream_descriptor socket(executor);
  const auto source = to.is_v4() ? access.source4 : access.source6;
  if (const auto error = open_probe_socket(socket, to, 0, source)) {
    auto failure = failure_of(error);
    reply.fault = failure.fault;
    reply.hindrance = std::move(failure.hindrance);
    co_return reply;
  }
  TraceRun run(request, to, socket);
  co_await run.run();
  co_return run.take_reply();
}

}  // namespace maildiag::net
