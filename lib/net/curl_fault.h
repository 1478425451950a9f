/// What a failure of libcurl means, and what all transfers have in common.
#pragma once

#include <string_view>

#include "net/curl_loop.h"
#include "net/network.h"

namespace maildiag::net {

Fault fault_of(CURLcode code);
/// What the system says of a connection that could not be made: libcurl has one code for a host
/// that refused and for one that was never reached.
Fault connect_fault(const CurlTransfer& transfer);
/// libcurl has one code for each end of a handshake; a connection that went away is none of TLS.
Fault handshake_fault(std::string_view reason);
/// All of it, of a transfer that has ended.
Fault fault_of(const CurlTransfer& transfer, CURLcode code);

/// Rules for every transfer: no proxy, no redirect, no .netrc, the source address, the trusted
/// certificates.
void set_common(CurlTransfer& transfer, const AccessOptions& options, const IpAddress& address);

/// "host:port:[address]:port", as CURLOPT_CONNECT_TO wants it.
std::string connect_rule(const std::string& host, std::uint16_t port, const Endpoint& to);

}  // namespace maildiag::net
