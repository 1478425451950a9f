#include "net/curl_fault.h"

#include <cerrno>

#include <fmt/format.h>

namespace maildiag::net {

Fault fault_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return Fault::none;
    case CURLE_COULDNT_CONNECT:
      return Fault::refused;
    case CURLE_INTERFACE_FAILED:
    case CURLE_COULDNT_RESOLVE_HOST:
      return Fault::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return Fault::timeout;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
      return Fault::closed;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return Fault::certificate;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_SHUTDOWN_FAILED:
      return Fault::handshake;
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
      return Fault::too_large;
    case CURLE_SSL_CACERT_BADFILE:
      return Fault::trust_store;
    case CURLE_FAILED_INIT:
    case CURLE_UNKNOWN_OPTION:
      return Fault::no_library;
    default:
      return Fault::protocol;
  }
}

Fault connect_fault(const CurlTransfer& transfer) {
  long error = 0;
  transfer.library().getinfo(transfer.handle(), CURLINFO_OS_ERRNO, &error);
  if (error == ETIMEDOUT) return Fault::timeout;
  if (error == ECONNRESET) return Fault::closed;  // it stood, if not for long
  // 0: no socket was to be had, for want of IPv6 or of free files, so nobody was asked.
  return error == ECONNREFUSED ? Fault::refused : Fault::unreachable;
}

Fault handshake_fault(std::string_view reason) {
  for (const std::string_view words : {"SSL_ERROR_SYSCALL", "unexpected eof", "Connection reset"}) {
    if (reason.find(words) != std::string_view::npos) return Fault::closed;
  }
  return Fault::handshake;
}

Fault fault_of(const CurlTransfer& transfer, CURLcode code) {
  if (code == CURLE_COULDNT_CONNECT) return connect_fault(transfer);
  if (code == CURLE_SSL_CONNECT_ERROR) return handshake_fault(transfer.error_text(code));
  return fault_of(code);
}

void set_common(CurlTransfer& transfer, const AccessOptions& options, const IpAddress& address) {
  transfer.set(CURLOPT_FOLLOWLOCATION, 0L);
  transfer.set(CURLOPT_PROXY, "");  // nor one of the environment
  transfer.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  transfer.set(CURLOPT_NOSIGNAL, 1L);  // see PipeSignalKept
  const auto& source = address.is_v4() ? options.source4 : options.source6;
  if (source) transfer.set(CURLOPT_INTERFACE, ("host!" + source->to_string()).c_str());
  if (!options.ca_file.empty()) transfer.set(CURLOPT_CAINFO, options.ca_file.c_str());
  // The bundle alone: libcurl reads it once for all connections, with a directory besides for each,
  // which takes 50 ms of the event loop.
  transfer.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

std::string connect_rule(const std::string& host, std::uint16_t port, const Endpoint& to) {
  const auto address = to.address.to_string();
  return fmt::format("{}:{}:{}:{}", host, port,
                     to.address.is_v6() ? fmt::format("[{}]", address) : address, to.port);
}

}  // namespace maildiag::net
