/// What a failure of libcurl means, and what all transfers have in common.
#pragma once

#include <optional>

#include "net/curl_loop.h"
#include "net/network.h"

namespace maildiag::net {

Fault fault_of(CURLcode code);

/// Rules for every transfer: no proxy, no redirect, no .netrc, the source address, the trusted
/// certificates.
void set_common(CurlTransfer& transfer, const AccessOptions& options, const IpAddress& address);

/// "host:port:[address]:port", as CURLOPT_CONNECT_TO wants it.
std::string connect_rule(const std::string& host, std::uint16_t port, const Endpoint& to);

}  // namespace maildiag::net
