/// SHA-256 and public keys. OpenSSL stays behind this header; nothing of it is initialised before
/// the first hash or key.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace maildiag::checks::dkim {

/// SHA-256 over octets that come in pieces. A copy continues from the same state.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256& other);
  Sha256& operator=(const Sha256& other);
  Sha256(Sha256&& other) noexcept;
  Sha256& operator=(Sha256&& other) noexcept;

  void add(std::string_view octets);
  /// 32 octets of what was added so far; more may be added afterwards.
  std::string digest() const;

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

enum class KeyType { rsa, ed25519 };

/// What a signature says about a digest.
enum class Check {
  good,
  other_digest,  ///< made with this key, over another digest (RSA only: it can be read back)
  bad,           ///< not made with this key; for Ed25519 also: over another digest
};

/// A public key; cheap to copy. Not for two threads at once, nor are its copies: they share what
/// they compute with.
class PublicKey {
 public:
  /// DER: SubjectPublicKeyInfo, or PKCS#1's RSAPublicKey. nullopt: neither.
  static std::optional<PublicKey> from_der(std::string_view octets);
  /// The 32 octets of RFC 8463 section 4. nullopt: wrong length.
  static std::optional<PublicKey> from_ed25519(std::string_view octets);

  KeyType type() const;
  int bits() const;
  bool is_pkcs1() const;  ///< was RSAPublicKey (RFC 6376 erratum 3017: most publish the other form)

  /// rsa-sha256: RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2); ed25519-sha256: PureEdDSA over the
  /// digest (RFC 8463 section 3).
  Check verify(std::string_view digest, std::string_view signature) const;
  /// RSA: the SHA-256 digest that was signed; nullopt: not made with this key, or Ed25519.
  std::optional<std::string> signed_digest(std::string_view signature) const;

 private:
  struct Handle;
  explicit PublicKey(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<const Handle> handle_;
};

}  // namespace maildiag::checks::dkim
