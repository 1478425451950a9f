#include "support/fake_dns_server.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "dns/udp_channel.h"
#include "dns/wire_message.h"

namespace maildiag::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int tick_ms = 5;  // how soon a stop is seen

void require(bool ok, const char* what) {
  if (!ok) throw std::system_error(errno, std::system_category(), what);
}

int bound_socket(const dns::ServerAddress& at, int type) {
  dns::SocketAddress address;
  dns::to_socket_address(at, address);
  const int handle = ::socket(address.storage.ss_family, type | SOCK_CLOEXEC, 0);
  require(handle >= 0, "socket");
  const int on = 1;
  ::setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(handle, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    ::close(handle);
    return -1;
  }
  return handle;
}

/// It stands at the same place for both families.
std::uint16_t port_in(const sockaddr_storage& address) {
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

std::uint16_t port_of(int handle) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  require(::getsockname(handle, reinterpret_cast<sockaddr*>(&storage), &size) == 0, "getsockname");
  return port_in(storage);
}

bool readable(int handle) {
  pollfd poll_on{handle, POLLIN, 0};
  return ::poll(&poll_on, 1, tick_ms) > 0;
}

/// False: the peer closed, or the server stops.
bool read_all(int handle, char* out, std::size_t size, const std::atomic<bool>& stopping) {
  while (size > 0) {
    if (stopping) return false;
    if (!readable(handle)) continue;
    const auto count = ::recv(handle, out, size, 0);
    if (count <= 0) return false;
    out += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

FakeDnsServer::FakeDnsServer(Handler handler, const std::string& host)
    : handler_(std::move(handler)) {
  address_.address = IpAddress::parse(host).value();
  constexpr int attempts = 50;  // the UDP socket's port may be taken for TCP
  for (int i = 0; i < attempts && tcp_ < 0; ++i) {
    if (udp_ >= 0) ::close(udp_);
    address_.port = 0;
    udp_ = bound_socket(address_, SOCK_DGRAM);
    require(udp_ >= 0, "bind");
    address_.port = port_of(udp_);
    tcp_ = bound_socket(address_, SOCK_STREAM);
  }
  require(tcp_ >= 0, "bind TCP");
  require(::listen(tcp_, 64) == 0, "listen");
  auto elsewhere = address_;
  elsewhere.port = 0;
  other_ = bound_socket(elsewhere, SOCK_DGRAM);
  require(other_ >= 0, "bind");
  udp_thread_ = std::thread([this] { serve_udp(); });
  tcp_thread_ = std::thread([this] { serve_tcp(); });
}

FakeDnsServer::FakeDnsServer(FakeZone zone)
    : FakeDnsServer(
          [zone = std::move(zone)](const FakeQuery& query) { return zone.reply_to(query); }) {}

FakeDnsServer::~FakeDnsServer() {
  stopping_ = true;
  udp_thread_.join();
  tcp_thread_.join();
  for (const int handle : {udp_, tcp_, other_}) ::close(handle);
}

std::vector<FakeQuery> FakeDnsServer::queries() const {
  const std::lock_guard lock(mutex_);
  return queries_;
}

FakeQuery FakeDnsServer::note(std::string_view wire, std::uint16_t port, bool& ok) {
  auto read = read_query(wire);
  ok = read.has_value();
  auto query = std::move(read).value_or(FakeQuery());
  query.tcp = port == 0;
  query.port = port;
  if (!ok) return query;
  const std::lock_guard lock(mutex_);
  query.earlier = counts_[{query.question.name, query.question.type}]++;
  queries_.push_back(query);
  return query;
}

FakeReply FakeDnsServer::handle(const FakeQuery& query) {
  const std::lock_guard lock(mutex_);
  return handler_(query);
}

void FakeDnsServer::enqueue(const FakeReply& reply, const FakeQuery& query,
                            const std::string& peer) {
  for (const auto& first : reply.before()) enqueue(first, query, peer);
  if (reply.delivery() != FakeReply::Delivery::normal) return;
  constexpr std::size_t without_edns = 512;
  const std::size_t set_limit = udp_limit_;
  const std::size_t offered = query.edns ? 1232 : without_edns;
  const auto limit = set_limit > 0 ? set_limit : offered;
  auto packet = reply.encode(query);
  if (packet.size() > limit && !reply.is_bytes()) {
    packet = FakeReply(reply).truncated().encode(query);
  }
  pending_.emplace(Clock::now() + reply.delay_time(),
                   Pending{std::move(packet), peer, reply.is_from_other_port()});
}

void FakeDnsServer::send_due() {
  while (!pending_.empty() && pending_.begin()->first <= Clock::now()) {
    const auto& due = pending_.begin()->second;
    ::sendto(due.other_port ? other_ : udp_, due.packet.data(), due.packet.size(), 0,
             reinterpret_cast<const sockaddr*>(due.peer.data()),
             static_cast<socklen_t>(due.peer.size()));
    pending_.erase(pending_.begin());
  }
}

void FakeDnsServer::serve_udp() {
  std::vector<char> buffer(65'536);
  while (!stopping_) {
    if (readable(udp_)) {
      std::string peer(sizeof(sockaddr_storage), '\0');
      socklen_t size = sizeof(sockaddr_storage);
      const auto count = ::recvfrom(udp_, buffer.data(), buffer.size(), 0,
                                    reinterpret_cast<sockaddr*>(peer.data()), &size);
      const auto port = port_in(*reinterpret_cast<const sockaddr_storage*>(peer.data()));
      peer.resize(size);
      bool ok = count > 0;
      if (ok) {
        const auto query = note({buffer.data(), static_cast<std::size_t>(count)}, port, ok);
        if (ok) enqueue(handle(query), query, peer);
      }
    }
    send_due();
  }
}

void FakeDnsServer::serve_tcp() {
  while (!stopping_) {
    if (!readable(tcp_)) continue;
    const int connection = ::accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    serve_connection(connection);
    ::close(connection);
  }
}

void FakeDnsServer::serve_connection(int connection) {
  while (true) {
    std::array<char, 2> size{};
    if (!read_all(connection, size.data(), size.size(), stopping_)) return;
    const auto length = dns::read_header(std::string(size.data(), 2) + std::string(10, '\0'))->id;
    std::string wire(length, '\0');
    if (!read_all(connection, wire.data(), wire.size(), stopping_)) return;
    bool ok = true;
    const auto query = note(wire, 0, ok);
    if (!ok || !deliver_tcp(connection, handle(query), query)) return;
  }
}

/// False: the connection ends here.
bool FakeDnsServer::deliver_tcp(int connection, const FakeReply& reply, const FakeQuery& query) {
  using Delivery = FakeReply::Delivery;
  std::this_thread::sleep_for(reply.delay_time());
  switch (reply.delivery()) {
    case Delivery::drop:
      return true;
    case Delivery::close:
      return false;
    case Delivery::reset: {
      const linger at_once{1, 0};
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      return false;
    }
    case Delivery::normal:
    case Delivery::cut:
      break;
  }
  const auto message = reply.encode(query);
  std::string out{static_cast<char>(message.size() >> 8U & 0xffU),
                  static_cast<char>(message.size() & 0xffU)};
  out += message;
  if (reply.delivery() == Delivery::cut) out.resize(out.size() / 2);
  for (std::size_t sent = 0; sent < out.size();) {
    const auto count = ::send(connection, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return reply.delivery() != Delivery::cut;
}

}  // namespace maildiag::test
