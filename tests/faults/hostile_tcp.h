/// A server of lines or pages that does what a script says to each connection, in clear or in TLS,
/// on the event loop of those who ask.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/context.hpp>

#include "core/task.h"
#include "support/certificate_maker.h"

namespace maildiag::faults {

struct Step {
  enum class Kind {
    send,
    drip,        ///< octet by octet, `time` between them
    endless,     ///< over and over until the other side has had enough
    read_line,   ///< waits for one
    read_page,   ///< waits for an empty line
    handshake,   ///< of TLS; the steps behind it are inside
    raw,         ///< octets past TLS
    half_close,  ///< sends no more, and waits for the other side's end
    wait,        ///< for `time`
    silence,     ///< forever
    reset,
  };
  Kind kind = Kind::send;
  std::string octets;
  std::chrono::milliseconds time{1};
};
using Script = std::vector<Step>;

class HostileTcp {
 public:
  /// Each connection has the next of the scripts, and at last always the last one; it ends after
  /// the script's last step. REQUIRES: there is a script; with a handshake in one, a certificate.
  HostileTcp(asio::io_context& loop, std::vector<Script> scripts,
             const test::MadeCertificate* certificate);
  HostileTcp(const HostileTcp&) = delete;
  HostileTcp& operator=(const HostileTcp&) = delete;

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::size_t connections() const { return connections_; }
  /// What the steps read of all connections, in clear or decrypted.
  const std::string& heard() const { return heard_; }

 private:
  using Socket = asio::ip::tcp::socket;

  void accept();
  Task<void> serve(Socket connection);

  asio::io_context& loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<Script> scripts_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
  std::size_t connections_ = 0;
  std::string heard_;
};

}  // namespace maildiag::faults
