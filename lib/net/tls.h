/// What a TLS handshake showed, as values.
#pragma once

#include <string>
#include <vector>

namespace maildiag::net {

/// Certificates of a chain that are kept; longer ones are a server's fault or an attack.
inline constexpr std::size_t max_chain = 16;

/// A verify_result where there are no trusted certificates to compare with: neither good nor bad.
inline constexpr long not_verified = -1;

struct TlsFacts {
  std::string version;             ///< "TLSv1.3"
  std::string cipher;              ///< "TLS_AES_256_GCM_SHA384"
  std::vector<std::string> chain;  ///< DER, as served, the server's own first
  /// OpenSSL's X509_V_ERR_* of the chain against the trusted certificates, 0 where it is good;
  /// names are not compared.
  long verify_result = 0;
  std::string verify_text;  ///< the same in OpenSSL's words: "self-signed certificate"
};

}  // namespace maildiag::net
