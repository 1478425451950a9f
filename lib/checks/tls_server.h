/// What one mail server showed of its TLS, out of a dialogue with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checks/certificate.h"
#include "checks/context.h"
#include "checks/exchangers.h"
#include "net/smtp.h"

namespace maildiag::checks {

/// Addresses of one domain that are connected to; large providers have a dozen.
inline constexpr std::size_t max_tls_servers = 64;

enum class TlsState {
  untried,      ///< connections were not allowed
  unknown,      ///< the dialogue did not come so far
  no_starttls,  ///< not offered
  refused,      ///< offered, and then refused
  failed,       ///< the handshake
  secured,
};
std::string_view to_string(TlsState state);

struct TlsServer {
  DomainName host;  ///< the MX name
  IpAddress address;
  TlsState state = TlsState::untried;
  std::string reason;  ///< why it is not secured, for a terminal
  net::SmtpTalk talk;
  std::vector<Certificate>
      chain;  ///< as served, the server's own first; up to the first unreadable

  /// "mx1.example.com[192.0.2.1]"
  std::string text() const;
  /// A chain to a trusted certificate, in its time. REQUIRES: secured.
  bool trusted() const { return talk.tls && talk.tls->verify_result == 0; }
  /// There are no trusted certificates here to compare with.
  bool unverified() const { return talk.tls && talk.tls->verify_result == net::not_verified; }
  /// {host, address, state, reason, version, cipher, verified, verify_text, name_matches,
  /// certificate{...}}
  Value to_value(WallTime now) const;
};

/// `talk` is a dialogue on port 25 that wanted STARTTLS.
TlsServer read_server(DomainName host, IpAddress address, net::SmtpTalk talk);

/// Talks to each address of each host, at once. `reach` as in net::SmtpRequest.
Task<std::vector<TlsServer>> talk_to_servers(Context context, Exchangers route, net::Reach reach);

}  // namespace maildiag::checks
