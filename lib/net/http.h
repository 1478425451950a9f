/// One HTTP(S) GET, to addresses that our own resolver found.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/ip_address.h"
#include "net/fault.h"
#include "net/tls.h"

namespace maildiag::net {

/// Octets of an answer's header that are read.
inline constexpr std::size_t max_http_header = 64UL << 10;

struct HttpRequest {
  std::string url;  ///< https, or http where `plain` allows it
  Reach reach = Reach::any;
  bool plain = false;                 ///< http URLs are allowed
  std::string accept;                 ///< media types; empty: any
  std::size_t max_body = 64UL << 10;  ///< octets; a longer body is Fault::too_large
  bool verify = true;  ///< false: any certificate will do, and `tls` says what is wrong with it
  /// Where the URL's host is, in the order in which they are tried. REQUIRES: not empty.
  std::vector<IpAddress> addresses;
  std::chrono::milliseconds connect_timeout{5000}, timeout{10000};
};

/// Redirects are never followed: they are answers with a `location`.
struct HttpReply {
  Fault fault = Fault::none;
  std::string reason;                     ///< of the fault, in one line that is safe for a terminal
  long status = 0;                        ///< 0: none came
  std::string content_type;               ///< as sent, sanitised
  std::string location;                   ///< the same
  std::string retry_after;                ///< the same
  std::string server;                     ///< the same
  std::string strict_transport_security;  ///< the same (RFC 6797)
  std::string body;                       ///< raw octets
  IpAddress address;                      ///< the one that answered
  std::optional<TlsFacts> tls;
  std::chrono::microseconds connect{0}, handshake{0}, first_octet{0},
      total{0};  ///< since the start; 0: not reached
};

}  // namespace maildiag::net
