/// The grammar of a DKIM key record (RFC 6376 section 3.6.1, RFC 8301, RFC 8463).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/dkim_crypto.h"

namespace maildiag::checks::dkim {

/// RFC 8301 section 3.2: shorter keys make no valid signature; signers should have the second.
inline constexpr int least_rsa_bits = 1024, advised_rsa_bits = 2048;

/// Why no signature verifies with a record.
enum class KeyFault {
  none,
  syntax,        ///< no tag list
  not_first,     ///< v= stands, but not in front
  version,       ///< v= is not DKIM1
  no_key,        ///< p= is missing
  unknown_type,  ///< k= is neither rsa nor ed25519
  base64,        ///< p= is no base64
  wrong_type,    ///< p= holds a key of the other type than k= says
  private_key,   ///< a private key, whole or cut off, stands where the public one should
  broken,        ///< p= holds no key at all
  ed25519_der,   ///< p= holds SubjectPublicKeyInfo instead of the bare key (RFC 8463 section 4)
};

struct KeyRecord {
  std::string text;  ///< as published, strings joined, but for a private key, which is masked
  /// Meant to be one: a tag list that says v=DKIM1, or has no v= but one of DKIM's tags.
  bool is_dkim = false;
  /// The same but for its spelling: "v=dkim1", or `wrapped`; or a private key.
  bool intended = false;
  /// Quotation marks, backslashes or a byte order mark, which `fault_at` names where nothing else
  /// is wrong, are part of the text. What is said of the record holds without them.
  bool wrapped = false;
  /// A private key stands in the text: beside the one that receivers verify with, or `fault` says
  /// private_key.
  bool disclosed = false;
  KeyFault fault = KeyFault::none;
  std::string fault_at;  ///< the tag or value at fault
  std::string mended;    ///< the text as it has to stand, where the fault tells
  std::string type = "rsa";
  bool revoked = false;             ///< p= is empty
  std::optional<PublicKey> key;     ///< where there is no fault, and it is not revoked
  std::vector<std::string> hashes;  ///< h=, lower case; empty: all
  std::vector<std::string> services;
  bool testing = false;        ///< t=y
  bool strict_domain = false;  ///< t=s: i= must be at d= itself
  bool space_at_end = false;   ///< white space after the last ";": against the grammar, harmless
  std::vector<std::string> obsolete;  ///< tags of RFC 4871 that mean nothing any more (g=)

  /// As the grammar and RFC 8463 want it; a revoked key is valid.
  bool valid() const { return fault == KeyFault::none && !wrapped && !space_at_end; }
  /// Receivers can read a key in the text as it stands.
  bool holds_key() const { return is_dkim && key && fault == KeyFault::none && !wrapped; }
  bool allows_sha256() const;
  bool allows_email() const;
};

KeyRecord parse_key_record(std::string_view text);

/// For a record beside one that discloses a private key: what is no key by itself may be the rest
/// of that one, and no part of `record` shows it any more.
void mask_rest(KeyRecord& record);

/// Why no signature verifies with this record: a finding's id; empty: it can.
std::string key_problem(const KeyRecord& record);

}  // namespace maildiag::checks::dkim
