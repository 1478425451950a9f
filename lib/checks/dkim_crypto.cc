#include "checks/dkim_crypto.h"

#include <array>
#include <stdexcept>
#include <utility>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/handle.h"

namespace maildiag::checks::dkim {

namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreedBy<EVP_PKEY_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;

constexpr std::size_t sha256_octets = 32;
constexpr std::size_t ed25519_octets = 32;

const unsigned char* bytes(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());  // NOLINT: OpenSSL's octets
}

/// Memory ran out, or this OpenSSL lacks SHA-256: nothing that an input could cause.
void require(bool done) {
  if (!done) throw std::runtime_error("libcrypto failed");
}

}  // namespace

struct Sha256::Handle {
  DigestContext context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : handle_(std::make_unique<Handle>()) {
  require(handle_->context != nullptr &&
          EVP_DigestInit_ex(handle_->context.get(), EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::Sha256(const Sha256& other) : handle_(std::make_unique<Handle>()) {
  *this = other;
}
Sha256& Sha256::operator=(const Sha256& other) {
  if (this == &other) return *this;
  require(handle_->context != nullptr &&
          EVP_MD_CTX_copy_ex(handle_->context.get(), other.handle_->context.get()) == 1);
  return *this;
}

void Sha256::add(std::string_view octets) {
  require(EVP_DigestUpdate(handle_->context.get(), octets.data(), octets.size()) == 1);
}

std::string Sha256::digest() const {
  const Sha256 copy(*this);
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  require(EVP_DigestFinal_ex(copy.handle_->context.get(), out.data(), &length) == 1);
  return {out.begin(), out.begin() + length};
}

struct PublicKey::Handle {
  Key key;
  KeyType type = KeyType::rsa;
  bool pkcs1 = false;
  /// Ready to read signatures back: to set it up takes a fifth as long as to read one. Made for the
  /// first.
  mutable KeyContext reader;

  EVP_PKEY_CTX* rsa_reader() const {
    if (reader) return reader.get();
    KeyContext made(EVP_PKEY_CTX_new(key.get(), nullptr));
    require(made != nullptr);
    const bool ready = EVP_PKEY_verify_recover_init(made.get()) == 1 &&
                       EVP_PKEY_CTX_set_rsa_padding(made.get(), RSA_PKCS1_PADDING) == 1 &&
                       EVP_PKEY_CTX_set_signature_md(made.get(), EVP_sha256()) == 1;
    if (ready) reader = std::move(made);
    return reader.get();
  }
};

std::optional<PublicKey> PublicKey::from_der(std::string_view octets) {
  const auto length = static_cast<long>(octets.size());
  auto handle = std::make_shared<Handle>();
  const auto* at = bytes(octets);
  handle->key.reset(d2i_PUBKEY(nullptr, &at, length));
  if (!handle->key) {
    at = bytes(octets);
    handle->key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, length));
    handle->pkcs1 = true;
  }
  ERR_clear_error();
  if (!handle->key || at != bytes(octets) + octets.size()) return std::nullopt;
  const int id = EVP_PKEY_get_base_id(handle->key.get());
  if (id != EVP_PKEY_RSA && id != EVP_PKEY_ED25519) return std::nullopt;
  handle->type = id == EVP_PKEY_RSA ? KeyType::rsa : KeyType::ed25519;
  return PublicKey(std::move(handle));
}

std::optional<PublicKey> PublicKey::from_ed25519(std::string_view octets) {
  if (octets.size() != ed25519_octets) return std::nullopt;
  auto handle = std::make_shared<Handle>();
  handle->type = KeyType::ed25519;
  handle->key.reset(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(octets), octets.size()));
  ERR_clear_error();
  if (!handle->key) return std::nullopt;
  return PublicKey(std::move(handle));
}

KeyType PublicKey::type() const {
  return handle_->type;
}
int PublicKey::bits() const {
  constexpr int ed25519_bits = 256;
  return handle_->type == KeyType::rsa ? EVP_PKEY_get_bits(handle_->key.get()) : ed25519_bits;
}
bool PublicKey::is_pkcs1() const {
  return handle_->pkcs1;
}

Check PublicKey::verify(std::string_view digest, std::string_view signature) const {
  if (handle_->type == KeyType::rsa) {
    const auto read = signed_digest(signature);
    if (!read) return Check::bad;
    return *read == digest ? Check::good : Check::other_digest;
  }
  const DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle_->key.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(digest),
                       digest.size()) == 1;
  ERR_clear_error();
  return good ? Check::good : Check::bad;
}

std::optional<std::string> PublicKey::signed_digest(std::string_view signature) const {
  if (handle_->type != KeyType::rsa) return std::nullopt;
  auto* context = handle_->rsa_reader();
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(handle_->key.get())), '\0');
  std::size_t length = out.size();
  const bool read = context != nullptr &&
                    EVP_PKEY_verify_recover(context,
                                            reinterpret_cast<unsigned char*>(out.data()),  // NOLINT
                                            &length, bytes(signature), signature.size()) == 1;
  ERR_clear_error();
  if (!read || length != sha256_octets) return std::nullopt;
  out.resize(length);
  return out;
}

}  // namespace maildiag::checks::dkim
