/// Handshakes with servers whose certificate need not be good, where what is wrong with it is
/// asked.
#pragma once

#include <optional>
#include <string>

#include "net/curl_loop.h"
#include "net/tls.h"

namespace maildiag::net {

/// Lets libcurl's handshake accept any certificate and remembers OpenSSL's verdict on it. Without
/// CURLOPT_SSL_VERIFYPEER libcurl 7.88 loads no trusted certificates, and every chain would be a
/// stranger's.
class TlsObserver {
 public:
  TlsObserver() = default;
  TlsObserver(const TlsObserver&) = delete;
  TlsObserver& operator=(const TlsObserver&) = delete;

  /// `ca_file`: PEM; empty: the system's. REQUIRES: both outlive the transfer's connection, as does
  /// this object.
  void watch(CurlTransfer& transfer, const std::string& ca_file);
  /// REQUIRES: the transfer is connected.
  std::optional<TlsFacts> facts() const;

 private:
  static CURLcode on_context(CURL* handle, void* context, void* self);
  static int on_certificate(void* store_context, void* self);

  const CurlLibrary* curl_ = nullptr;
  void* session_ = nullptr;  // SSL*
  bool trusts_any_ = true;
  long verify_result_ = 0;
};

}  // namespace maildiag::net
