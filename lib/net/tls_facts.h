/// What libcurl's OpenSSL says of a connection's TLS. OpenSSL is reached through libcurl: nothing
/// else here needs libssl.
#pragma once

#include <optional>

#include "net/curl_loop.h"
#include "net/tls.h"

namespace maildiag::net {

/// Only inside libcurl's header callback, where CURLINFO_TLS_SSL_PTR is valid. Nothing where the
/// connection has no TLS (yet).
std::optional<TlsFacts> read_tls(const CurlTransfer& transfer);

/// Of the session behind OpenSSL's `ssl` (SSL*).
TlsFacts read_ssl(const CurlLibrary& curl, void* ssl);

}  // namespace maildiag::net
