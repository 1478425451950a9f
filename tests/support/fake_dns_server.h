/// A name server on a loopback socket, UDP and TCP, that answers what a test tells it to. Runs in
/// threads of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dns/backends.h"
#include "support/fake_reply.h"
#include "support/fake_zone.h"

namespace maildiag::test {

class FakeDnsServer {
 public:
  /// Called on a thread of the server, one question at a time.
  using Handler = std::function<FakeReply(const FakeQuery&)>;

  /// `host`: 127.0.0.1, another address of 127/8, or ::1. The port is free for UDP and TCP. Throws
  /// std::system_error.
  explicit FakeDnsServer(Handler handler, const std::string& host = "127.0.0.1");
  explicit FakeDnsServer(FakeZone zone);
  ~FakeDnsServer();
  FakeDnsServer(const FakeDnsServer&) = delete;
  FakeDnsServer& operator=(const FakeDnsServer&) = delete;

  const dns::ServerAddress& address() const { return address_; }
  /// Replies above this size are sent truncated over UDP; by default what the query offers (512
  /// without EDNS).
  void limit_udp(std::size_t octets) { udp_limit_ = octets; }
  /// All questions so far, in order.
  std::vector<FakeQuery> queries() const;

 private:
  struct Pending {
    std::string packet;
    std::string peer;  // a sockaddr's octets
    bool other_port = false;
  };

  void serve_udp();
  void serve_tcp();
  void serve_connection(int connection);
  bool deliver_tcp(int connection, const FakeReply& reply, const FakeQuery& query);
  void enqueue(const FakeReply& reply, const FakeQuery& query, const std::string& peer);
  void send_due();
  /// `port`: the peer's, over UDP; 0: it came over TCP.
  FakeQuery note(std::string_view wire, std::uint16_t port, bool& ok);
  FakeReply handle(const FakeQuery& query);

  Handler handler_;
  dns::ServerAddress address_;
  int udp_ = -1, tcp_ = -1, other_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> udp_limit_{0};
  mutable std::mutex mutex_;  // over queries_, counts_ and handler_
  std::vector<FakeQuery> queries_;
  std::map<std::pair<DomainName, dns::RecordType>, std::size_t> counts_;
  std::multimap<std::chrono::steady_clock::time_point, Pending> pending_;  // of the UDP thread
  std::thread udp_thread_, tcp_thread_;
};

}  // namespace maildiag::test
