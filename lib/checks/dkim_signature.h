/// The grammar of a DKIM-Signature field (RFC 6376 section 3.5), and of ARC's two fields that share
/// it (RFC 8617 sections 4.1.2 and 4.1.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/dkim_canonical.h"
#include "core/domain_name.h"

namespace maildiag::checks::dkim {

/// Fields listed in h=; real signatures name a few dozen.
inline constexpr std::size_t max_signed_fields = 500;

enum class SignatureKind {
  dkim,
  arc_message,  ///< ARC-Message-Signature: no v=, and i= is the instance
  arc_seal,     ///< ARC-Seal: besides that cv=, no body, no h=, relaxed always
};

/// Why a signature cannot be valid, whatever its key.
enum class SignatureFault {
  none,
  syntax,           ///< no tag list
  version,          ///< v= is not 1
  missing_tag,      ///< a, b, bh, d, h, s or v
  bad_value,        ///< a tag's value is not what its grammar allows
  algorithm,        ///< a= is unknown
  sha1,             ///< a=rsa-sha1: not accepted any more (RFC 8301 section 3.1)
  from_not_signed,  ///< h= lacks From (section 5.4)
  identity,         ///< i= lies outside d= (section 3.5)
  expiry,           ///< x= is not after t=
  lists_fields,     ///< a seal has h= (RFC 8617 section 4.1.3)
};

struct Signature {
  SignatureFault fault = SignatureFault::none;
  std::string fault_at;  ///< the tag at fault: "x="
  std::string domain;    ///< d=, as written
  std::string selector;
  std::string identity;   ///< i=, else "@" and d=; empty in ARC
  std::string algorithm;  ///< lower case
  KeyType key_type = KeyType::rsa;
  Form header = Form::simple, body = Form::simple;
  std::string body_hash, value;               ///< bh= and b=, decoded
  std::vector<std::string> fields;            ///< h=, lower case, in order
  bool names_nothing = false;                 ///< h= has an empty name: a colon too many
  std::optional<std::uint64_t> length;        ///< l=
  std::optional<std::int64_t> time, expires;  ///< t= and x=
  std::optional<DomainName> signer;           ///< d= as a name
  std::optional<DomainName> key_name;         ///< selector._domainkey.domain
  bool identity_below = false;                ///< i= is at a subdomain of d=
  /// The field itself as it is hashed: without the value of b= (section 3.7).
  HeaderField without_value;
};

Signature parse_signature(const HeaderField& field, SignatureKind kind = SignatureKind::dkim);

}  // namespace maildiag::checks::dkim
