#include "net/tls_facts.h"

#include <array>

#include <openssl/ssl.h>

#include "core/text.h"

namespace maildiag::net {

namespace {

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
  const auto version = curl.find_as<decltype(SSL_get_version)>("SSL_get_version");
  const auto cipher = curl.find_as<decltype(SSL_get_current_cipher)>("SSL_get_current_cipher");
  const auto cipher_name = curl.find_as<decltype(SSL_CIPHER_get_name)>("SSL_CIPHER_get_name");
  const auto chain = curl.find_as<decltype(SSL_get_peer_cert_chain)>("SSL_get_peer_cert_chain");
  const auto result = curl.find_as<decltype(SSL_get_verify_result)>("SSL_get_verify_result");
  const auto result_text =
      curl.find_as<decltype(X509_verify_cert_error_string)>("X509_verify_cert_error_string");
  const auto count = curl.find_as<decltype(OPENSSL_sk_num)>("OPENSSL_sk_num");
  const auto item = curl.find_as<decltype(OPENSSL_sk_value)>("OPENSSL_sk_value");
  const auto encode = curl.find_as<decltype(i2d_X509)>("i2d_X509");
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
