/// A TCP server on loopback that does what a test tells it to, however wrong: in clear and in TLS.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/certificate_maker.h"

namespace maildiag::test {

/// One connection, as the server sees it. Nothing throws when the other side is gone.
class Peer {
 public:
  explicit Peer(int socket, const std::atomic<bool>& stopping);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// False: the other side is gone.
  bool send(std::string_view octets);
  /// The next line without its end; nothing: the other side is gone, or the test ends.
  std::optional<std::string> line();
  /// Sends each of `replies` after a line has come.
  void answer(const std::vector<std::string>& replies);
  /// False: there was no handshake. `max_version`: TLS1_2_VERSION or the like; 0: the newest.
  bool start_tls(const MadeCertificate& certificate, int max_version = 0);
  /// Waits for octets and takes what has come, in clear or not.
  void receive_some() { receive(); }
  /// Asks for another handshake of TLS 1.2 (RFC 5246 section 7.4.1.1).
  void ask_for_handshake();
  /// Waits until the other side goes away; what it sends meanwhile is noted, too.
  void wait_for_end();
  /// Closes with RST.
  void reset();
  const std::vector<std::string>& lines() const { return lines_; }
  /// The name that TLS was asked for; empty: none.
  const std::string& server_name() const { return server_name_; }

 private:
  struct Tls;
  long receive();
  bool wait_readable() const;

  int socket_;
  const std::atomic<bool>& stopping_;
  std::unique_ptr<Tls> tls_;
  std::string unread_, server_name_;
  std::vector<std::string> lines_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;
  /// `host`: an address of 127/8 or ::1; the port is free. Each connection runs the script in a
  /// thread of its own.
  explicit ScriptedServer(Script script, const std::string& host = "127.0.0.1");
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// All lines that all connections so far were sent, once their scripts have ended: waits for
  /// that.
  std::vector<std::string> lines();
  /// The same of the names that TLS was asked for.
  std::vector<std::string> server_names();

 private:
  void serve();
  void join_scripts();

  Script script_;
  std::uint16_t port_ = 0;  // set by what sets the next
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;  // over what follows
  std::vector<std::thread> scripts_;
  std::vector<std::string> lines_, server_names_;
  std::thread thread_;
};

}  // namespace maildiag::test
