/// One question to a port-43 server (RFC 3912).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/ip_address.h"
#include "net/fault.h"

namespace maildiag::net {

/// Octets of an answer; the longest of the large registries have some 10 KB.
inline constexpr std::size_t max_whois = 256UL << 10;

struct WhoisRequest {
  std::string server;                ///< its name, for connect-to rules
  std::vector<IpAddress> addresses;  ///< REQUIRES: not empty
  Reach reach = Reach::any;
  std::uint16_t port = 43;
  std::string question;  ///< one line, without CR and LF
  std::chrono::milliseconds connect_timeout{5000}, timeout{15000};
};
struct WhoisReply {
  Fault fault = Fault::none;
  std::string reason;
  std::string text;  ///< raw octets, at most max_whois
};

}  // namespace maildiag::net
