/// DKIM (RFC 6376, 8301, 8463): the keys that a domain publishes, and whether a message's
/// signatures hold; where one does not, what broke, and what changed the message on its way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/context.h"
#include "core/result.h"

namespace maildiag::checks {

/// Signatures of one message that are looked at; RFC 6376 section 6.1 leaves the bound to the
/// verifier.
inline constexpr std::size_t max_dkim_signatures = 20;
/// Selectors asked in one check; the list of rules/dkim-selectors.toml has about a hundred.
inline constexpr std::size_t max_dkim_selectors = 500;

/// One TXT record at a selector.
struct DkimKey {
  std::string domain, selector;
  std::string record;  ///< as published, strings joined, a private key masked; empty: none
  std::string mended;  ///< as it has to be published, where the problem tells
  std::string type;    ///< "rsa", "ed25519", or what k= says
  int bits = 0;        ///< 0: no key can be read
  bool valid = false;  ///< by the grammar; a revoked key is valid
  bool revoked = false;
  bool testing = false;    ///< t=y
  bool disclosed = false;  ///< a private key stands in the record
  std::string cname;       ///< where the name is an alias: its target
  std::string problem;     ///< a finding's id without "dkim.": why no signature verifies with it
};

struct DkimKeyReport {
  std::vector<DkimKey> keys;      ///< those that exist; of selectors that were named, all
  std::size_t asked = 0;          ///< selectors
  std::size_t unanswered = 0;     ///< of them
  bool guessed = false;           ///< the selectors came from the list
  std::vector<Finding> findings;  ///< dkim.*
  Value to_value() const;         ///< {keys[], asked, unanswered, guessed}
};
/// `selectors` empty: those of rules/dkim-selectors.toml.
Task<DkimKeyReport> check_dkim_keys(Context context, DomainName domain,
                                    std::vector<std::string> selectors);

/// RFC 8601 section 2.7.1. permerror: no key, or no way for the signature to be valid.
enum class DkimResult { pass, fail, temperror, permerror };
std::string_view to_string(DkimResult result);

/// What was done to the message after it was signed: undone, the signature holds.
struct DkimChange {
  std::string id;  ///< a finding's: "dkim.footer-added"
  Value data;      ///< its placeholders
};

struct DkimSignature {
  std::string domain, selector, identity, algorithm, canonicalization;
  DkimResult result = DkimResult::permerror;
  std::vector<std::string> problems;  ///< findings' ids, what decided first; empty: pass
  std::string fault_at;               ///< the tag at fault, where a tag is
  std::optional<bool> body_matches, header_matches;  ///< where it could be tried
  std::optional<std::uint64_t> length;               ///< l=
  std::uint64_t unsigned_octets = 0;                 ///< of the body, beyond l=
  std::optional<std::int64_t> time, expires;
  std::vector<std::string> signed_fields;
  bool names_nothing = false;            ///< h= has an empty name, which the grammar does not allow
  std::vector<std::string> unprotected;  ///< fields that stand more often than they are signed
  DkimKey key;
  std::vector<DkimChange> changes;
  std::vector<Evidence> evidence;
};

struct DkimMessageReport {
  std::vector<DkimSignature> signatures;  ///< from top to bottom
  std::size_t ignored = 0;                ///< signatures beyond max_dkim_signatures
  std::vector<Finding> findings;          ///< dkim.*
  Value to_value() const;                 ///< {signatures[], ignored}
};
/// Every signature of a whole message. `received`, when it came in, decides about x= (RFC 6376
/// section 3.5); `today`: signatures that have expired since are told of. bad_data: see
/// dkim::read_message().
Task<Result<DkimMessageReport>> check_dkim_message(Context context, std::string octets,
                                                   WallTime received,
                                                   std::optional<WallTime> today = std::nullopt);

}  // namespace maildiag::checks
