/// Certificates that a test makes up.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace maildiag::test {

struct CertificatePlan {
  std::string common_name = "mail.example.com";
  std::vector<std::string> names = {"DNS:mail.example.com"};  ///< as openssl.cnf writes them
  std::chrono::system_clock::time_point not_before, not_after;
  bool authority = false;
  int rsa_bits = 0;  ///< 0: an EC key on P-256
};

/// A key with the certificate that speaks for it.
class MadeCertificate {
 public:
  /// Signed by `issuer`, or by itself.
  explicit MadeCertificate(const CertificatePlan& plan, const MadeCertificate* issuer = nullptr)
      : key_(plan.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(plan.rsa_bits))
                               : EVP_EC_gen("P-256"),
             EVP_PKEY_free),
        x509_(X509_new(), X509_free) {
    require(key_ != nullptr && x509_ != nullptr);
    X509_set_version(x509_.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509_.get()), 0xabc);
    set_time(X509_getm_notBefore(x509_.get()), plan.not_before);
    set_time(X509_getm_notAfter(x509_.get()), plan.not_after);
    X509_set_pubkey(x509_.get(), key_.get());
    auto* name = X509_get_subject_name(x509_.get());
    require(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(plan.common_name.data()),
                                   static_cast<int>(plan.common_name.size()), -1, 0) == 1);
    const auto& signer = issuer == nullptr ? *this : *issuer;
    X509_set_issuer_name(x509_.get(), X509_get_subject_name(signer.x509_.get()));
    std::string joined;
    for (const auto& each : plan.names) joined += (joined.empty() ? "" : ",") + each;
    if (!joined.empty()) extend(NID_subject_alt_name, joined);
    if (plan.authority) extend(NID_basic_constraints, "critical,CA:TRUE");
    require(X509_sign(x509_.get(), signer.key_.get(), EVP_sha256()) > 0);
  }

  X509* x509() const { return x509_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

  std::string pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    require(memory != nullptr && PEM_write_bio_X509(memory.get(), x509_.get()) == 1);
    char* text = nullptr;
    const auto length = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(length)};
  }

  std::string der() const {
    unsigned char* raw = nullptr;
    const int length = i2d_X509(x509_.get(), &raw);
    require(length > 0);
    std::string octets(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
    OPENSSL_free(raw);
    return octets;
  }

 private:
  static void require(bool done) {
    if (!done) throw std::runtime_error("libcrypto made no certificate");
  }
  static void set_time(ASN1_TIME* field, std::chrono::system_clock::time_point time) {
    require(ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(time)) != nullptr);
  }
  void extend(int nid, const std::string& text) {
    std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, text.c_str()), X509_EXTENSION_free);
    require(extension != nullptr && X509_add_ext(x509_.get(), extension.get(), -1) == 1);
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> x509_;
};

}  // namespace maildiag::test
