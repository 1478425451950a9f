#include "net/tls_facts.h"

#include <array>

#include <openssl/ssl.h>

#include "core/text.h"

namespace maildiag::net {

namespace {

/// A function of OpenSSL with its own type; nullptr: libcurl is built with another library.
template <class Function>
Function* find(const CurlLibrary& curl, const char* name) {
  return reinterpret_cast<Function*>(curl.find(name));  // NOLINT: POSIX gives functions as void*
}

std::string der_of(X509* certificate, decltype(&i2d_X509) encode) {
  const int length = encode(certificate, nullptr);
  if (length <= 0) return {};
  std::string der(static_cast<std::size_t>(length), '\0');
  auto* end = reinterpret_cast<unsigned char*>(der.data());  // NOLINT: OpenSSL's octets
  encode(certificate, &end);
  return der;
}

}  // namespace

TlsFacts read_ssl(const CurlLibrary& curl, void* ssl) {
  auto* session = static_cast<SSL*>(ssl);
  TlsFacts facts;
  const auto version = find<decltype(SSL_get_version)>(curl, "SSL_get_version");
  const auto cipher = find<decltype(SSL_get_current_cipher)>(curl, "SSL_get_current_cipher");
  const auto cipher_name = find<decltype(SSL_CIPHER_get_name)>(curl, "SSL_CIPHER_get_name");
  const auto chain = find<decltype(SSL_get_peer_cert_chain)>(curl, "SSL_get_peer_cert_chain");
  const auto result = find<decltype(SSL_get_verify_result)>(curl, "SSL_get_verify_result");
  const auto result_text =
      find<decltype(X509_verify_cert_error_string)>(curl, "X509_verify_cert_error_string");
  const auto count = find<decltype(OPENSSL_sk_num)>(curl, "OPENSSL_sk_num");
  const auto item = find<decltype(OPENSSL_sk_value)>(curl, "OPENSSL_sk_value");
  const auto encode = find<decltype(i2d_X509)>(curl, "i2d_X509");
  if (!version || !cipher || !cipher_name || !chain || !result || !result_text || !count || !item ||
      !encode)
    return facts;
  facts.version = version(session);
  facts.cipher = text::sanitize(cipher_name(cipher(session)));
  facts.verify_result = result(session);
  if (facts.verify_result != X509_V_OK) facts.verify_text = result_text(facts.verify_result);
  const auto* stack = reinterpret_cast<const OPENSSL_STACK*>(chain(session));  // NOLINT: its macro
  const int length = stack == nullptr ? 0 : count(stack);
  for (int i = 0; i < length && facts.chain.size() < max_chain; ++i)
    facts.chain.push_back(der_of(static_cast<X509*>(item(stack, i)), encode));
  return facts;
}

std::optional<TlsFacts> read_tls(const CurlTransfer& transfer) {
  const curl_tlssessioninfo* info = nullptr;
  transfer.library().getinfo(transfer.handle(), CURLINFO_TLS_SSL_PTR, &info);
  if (info == nullptr || info->internals == nullptr || info->backend != CURLSSLBACKEND_OPENSSL)
    return std::nullopt;
  return read_ssl(transfer.library(), info->internals);
}

}  // namespace maildiag::net
