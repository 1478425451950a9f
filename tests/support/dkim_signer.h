/// Signs messages, as a mail server would.
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "checks/dkim_verify.h"
#include "support/base64.h"

namespace maildiag::test {

class DkimSigner {
 public:
  static DkimSigner rsa(unsigned bits) { return DkimSigner(EVP_RSA_gen(bits)); }
  static DkimSigner ed25519() { return DkimSigner(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }
  /// Made once: a 2048-bit key takes a while.
  static const DkimSigner& usual() {
    static const auto signer = rsa(2048);
    return signer;
  }

  /// The key record; `more` goes in front of p=.
  std::string record(std::string_view more = "") const {
    const bool rsa = EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA;
    return "v=DKIM1; " + std::string(rsa ? "" : "k=ed25519; ") + std::string(more) +
           "p=" + to_base64(rsa ? der(i2d_PUBKEY) : raw());
  }
  std::string spki() const { return der(i2d_PUBKEY); }
  std::string pkcs1() const { return der(i2d_PublicKey); }
  std::string raw() const {
    std::string out(32, '\0');
    std::size_t length = out.size();
    require(EVP_PKEY_get_raw_public_key(key_.get(), octets(out), &length));
    return out;
  }

  /// `tags`: all but bh= and b=; the message has CRLF.
  std::string sign(std::string_view message, const std::string& tags) const {
    return field(message, "DKIM-Signature", tags, checks::dkim::SignatureKind::dkim) +
           std::string(message);
  }

  /// The signature's field alone, with its line end; not of a seal, which has other contents.
  std::string field(std::string_view message, const std::string& name, const std::string& tags,
                    checks::dkim::SignatureKind kind) const {
    const auto parsed = checks::dkim::read_message(message).value();
    checks::dkim::HeaderField field;
    field.name = name;
    std::transform(name.begin(), name.end(), field.name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    field.raw = name + ": " + tags + "; b=";
    field.colon = name.size();
    const auto form = checks::dkim::parse_signature(field, kind);
    const auto hash = checks::dkim::hash_body(form.body, form.length, parsed.body).digest();
    field.raw = name + ": " + tags + ";\r\n bh=" + to_base64(hash) + ";\r\n b=";
    const auto header =
        checks::dkim::signed_header(checks::dkim::parse_signature(field, kind), parsed);
    return field.raw + to_base64(sign_digest(checks::dkim::digest(header))) + "\r\n";
  }

  std::string sign_digest(const std::string& digest) const {
    std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t length = out.size();
    if (EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA) {
      const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
          EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
      require(EVP_PKEY_sign_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
              EVP_PKEY_sign(context.get(), octets(out), &length, octets(digest), digest.size()) ==
                  1);
    } else {
      const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                            EVP_MD_CTX_free);
      require(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
              EVP_DigestSign(context.get(), octets(out), &length, octets(digest), digest.size()) ==
                  1);
    }
    out.resize(length);
    return out;
  }

 private:
  explicit DkimSigner(EVP_PKEY* key) : key_(key, EVP_PKEY_free) { require(key != nullptr); }

  static void require(bool done) {
    if (!done) throw std::runtime_error("OpenSSL failed");
  }
  static unsigned char* octets(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());  // NOLINT: OpenSSL's octets
  }
  static const unsigned char* octets(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT
  }

  template <class Encode>
  std::string der(Encode encode) const {
    std::string out(static_cast<std::size_t>(encode(key_.get(), nullptr)), '\0');
    auto* at = octets(out);
    encode(key_.get(), &at);
    return out;
  }

  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace maildiag::test
