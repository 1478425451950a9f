#include "net/tls_observer.h"

#include <unistd.h>

#include <openssl/ssl.h>

#include "net/tls_facts.h"

namespace maildiag::net {

void TlsObserver::watch(CurlTransfer& transfer, const std::string& ca_file) {
  curl_ = &transfer.library();
  const char* file = ca_file.c_str();
  if (ca_file.empty()) curl_->getinfo(transfer.handle(), CURLINFO_CAINFO, &file);
  trusts_any_ = file != nullptr && ::access(file, R_OK) == 0;
  transfer.set(CURLOPT_CAINFO, trusts_any_ ? file : nullptr);
  transfer.set(CURLOPT_SSL_VERIFYPEER, 1L);
  transfer.set(CURLOPT_SSL_VERIFYHOST, 0L);
  transfer.set(CURLOPT_SSL_SESSIONID_CACHE, 0L);  // a resumed session shows no certificates
  transfer.set(CURLOPT_SSL_CTX_FUNCTION, &TlsObserver::on_context);
  transfer.set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
}

CURLcode TlsObserver::on_context(CURL* handle, void* context, void* self) {
  (void)handle;
  const auto& curl = *static_cast<TlsObserver*>(self)->curl_;
  const auto set_callback =
      curl.find_as<decltype(SSL_CTX_set_cert_verify_callback)>("SSL_CTX_set_cert_verify_callback");
  const auto set_options = curl.find_as<decltype(SSL_CTX_set_options)>("SSL_CTX_set_options");
  if (!set_callback || !set_options) return CURLE_FAILED_INIT;
  const auto callback = [](X509_STORE_CTX* store, void* observer) {
    return on_certificate(store, observer);
  };
  set_callback(static_cast<SSL_CTX*>(context), callback, self);
  // What was seen stays true: TLS 1.2 would let the server come with another certificate later.
  set_options(static_cast<SSL_CTX*>(context), SSL_OP_NO_RENEGOTIATION);
  return CURLE_OK;
}

int TlsObserver::on_certificate(void* store_context, void* self) {
  auto& observer = *static_cast<TlsObserver*>(self);
  auto* store = static_cast<X509_STORE_CTX*>(store_context);
  const auto& curl = *observer.curl_;
  const auto verify = curl.find_as<decltype(X509_verify_cert)>("X509_verify_cert");
  const auto error = curl.find_as<decltype(X509_STORE_CTX_get_error)>("X509_STORE_CTX_get_error");
  const auto set_error =
      curl.find_as<decltype(X509_STORE_CTX_set_error)>("X509_STORE_CTX_set_error");
  const auto index = curl.find_as<decltype(SSL_get_ex_data_X509_STORE_CTX_idx)>(
      "SSL_get_ex_data_X509_STORE_CTX_idx");
  const auto data =
      curl.find_as<decltype(X509_STORE_CTX_get_ex_data)>("X509_STORE_CTX_get_ex_data");
  if (!verify || !error || !set_error || !index || !data) return 0;
  verify(store);
  observer.verify_result_ = error(store);
  observer.session_ = data(store, index());
  set_error(store, X509_V_OK);  // libcurl looks at it again
  return 1;
}

std::optional<TlsFacts> TlsObserver::facts() const {
  if (session_ == nullptr) return std::nullopt;
  auto facts = read_ssl(*curl_, session_);
  if (!trusts_any_) {
    facts.verify_result = not_verified;
    facts.verify_text = "no trusted certificates are installed here: install ca-certificates";
    return facts;
  }
  facts.verify_result = verify_result_;
  facts.verify_text.clear();
  const auto words =
      curl_->find_as<decltype(X509_verify_cert_error_string)>("X509_verify_cert_error_string");
  if (verify_result_ != X509_V_OK && words != nullptr) facts.verify_text = words(verify_result_);
  return facts;
}

}  // namespace maildiag::net
