/// The connection below an SMTP dialogue: octets to and fro, in clear and then within TLS.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.h"
#include "net/curl_loop.h"
#include "net/network.h"
#include "net/tls_observer.h"

namespace maildiag::net {

struct SmtpFailure {
  Fault fault = Fault::none;
  std::string reason;
  explicit operator bool() const { return fault != Fault::none; }
};

/// libcurl connects, speaks TLS, sends and receives (CURLOPT_CONNECT_ONLY); what is said is up to
/// the caller. Its own SMTP client tells too little: it closes without QUIT after a greeting of 421
/// or 554, and once a time-out or a wrong line within TLS ended it, nothing can be sent any more;
/// it waits out the time-out on a banner of SSH; of a line that does not end it tells nothing; and
/// it overlooks what follows a reply in the same packet, but behind STARTTLS.
class SmtpChannel {
 public:
  using Clock = std::chrono::steady_clock;

  /// REQUIRES: `options` outlive it.
  SmtpChannel(const AccessOptions& options, const Endpoint& endpoint);
  ~SmtpChannel();

  Task<SmtpFailure> connect(Clock::time_point deadline);
  /// The TLS handshake, with `host` as SNI where it is a name. Any certificate will do: see tls().
  /// REQUIRES: connected. There is no way back to clear text.
  Task<SmtpFailure> secure(const std::string& host, Clock::time_point deadline);
  Task<SmtpFailure> send(std::string text, Clock::time_point deadline);
  /// Sets octets() to what came, at least one.
  Task<SmtpFailure> receive(Clock::time_point deadline);
  std::string_view octets() const { return {buffer_.data(), filled_}; }
  /// Has anything come that was not received yet? Receives it, does not wait.
  bool has_more();

  const std::optional<TlsFacts>& tls() const { return tls_; }
  /// How long it took to connect, without what it took to load libcurl. REQUIRES: connected.
  std::chrono::microseconds connect_time() const;
  /// Our own end. REQUIRES: connected.
  IpAddress source() const;

 private:
  class OpenSocket;

  Task<SmtpFailure> open(CurlTransfer& transfer, Clock::time_point deadline);
  CURLcode send_once(std::string_view text, std::size_t& sent);
  CURLcode receive_once();

  const AccessOptions& options_;
  Endpoint endpoint_;
  TlsObserver observer_;  // as OpenSSL knows it for as long as the connection lasts
  std::unique_ptr<CurlTransfer> transfer_;
  std::vector<char> buffer_;
  std::size_t filled_ = 0, total_ = 0;
  std::optional<TlsFacts> tls_;
};

}  // namespace maildiag::net
