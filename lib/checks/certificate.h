/// What an X.509 certificate of a server says (RFC 5280). OpenSSL stays behind this header.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/value.h>

#include "core/clock.h"
#include "core/domain_name.h"
#include "core/ip_address.h"

namespace maildiag::checks {

/// Octets of one certificate that are read; OpenSSL itself takes 100 KiB for a whole chain.
inline constexpr std::size_t max_certificate = 64UL << 10;
/// Names that to_value() lists: the largest honest certificates hold a few hundred.
inline constexpr std::size_t max_shown_names = 100;

struct Certificate {
  std::string subject, issuer;         ///< RFC 2253 text, for a terminal
  std::string common_name;             ///< of the subject; for show only, see matches()
  std::vector<std::string> dns_names;  ///< subjectAltName, lower case, for a terminal
  std::vector<IpAddress> addresses;    ///< subjectAltName
  /// Clamped to first_year and last_year: "99991231235959Z" means "never" (RFC 5280 section
  /// 4.1.2.5).
  WallTime not_before, not_after;
  std::string serial;        ///< hexadecimal
  std::string key_type;      ///< "rsa", "ec", "ed25519"; OpenSSL's word for others
  int key_bits = 0;          ///< 0: a key that libcrypto cannot read
  std::string signature;     ///< "RSA-SHA256", "ecdsa-with-SHA256"
  bool self_signed = false;  ///< by its own key, and that signature holds
  bool authority = false;    ///< may sign others (basicConstraints)
  std::string fingerprint;   ///< SHA-256 of the whole, hexadecimal
  std::string der;           ///< the whole: what DANE's selector 0 is about
  std::string public_key;    ///< SubjectPublicKeyInfo in DER: DANE's selector 1

  /// nullopt: no certificate, or something behind it.
  static std::optional<Certificate> from_der(std::string_view octets);

  /// By the DNS names of subjectAltName; "*" stands for one whole label, the first, above two
  /// others at least (RFC 6125 section 6.4.3, RFC 9525 section 6.3). The common name counts for
  /// nothing, as MTA-STS wants it (RFC 8461 section 4.1).
  bool matches(const DomainName& name) const;
  bool matches(const IpAddress& address) const;
  /// Whole days until it expires, rounded down: -1 in the first day after.
  long days_left(WallTime now) const;

  /// {subject, issuer, names[], names_total, not_before, not_after, days_left, self_signed,
  /// key{type,bits}, signature, serial, sha256}
  Value to_value(WallTime now) const;
};

/// A host as certificates write it (RFC 5280 section 4.2.1.6): letters, digits, hyphens,
/// underscores and dots. nullopt: anything else, such as the escapes of master files or a star.
std::optional<DomainName> host_in_certificate(std::string_view text);

/// When to speak about a certificate that will expire. nullopt: 14 and 3 days, but at most a third
/// and a tenth of its lifetime. Certificates of six days are common, and ACME clients renew when a
/// third is left.
struct ExpiryLimits {
  std::optional<long> warning_days, critical_days;
};
enum class Expiry { good, soon, imminent, expired, not_yet_valid };
Expiry expiry_of(const Certificate& certificate, WallTime now, const ExpiryLimits& limits);

}  // namespace maildiag::checks
