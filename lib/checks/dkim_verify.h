/// One signature of one message against one key (RFC 6376 section 6.1).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checks/dkim.h"
#include "checks/dkim_key.h"
#include "checks/dkim_message.h"
#include "checks/dkim_signature.h"

namespace maildiag::checks::dkim {

/// The signed fields in the order of h=, canonical, with their line ends; an empty one stands for a
/// field that the message lacks.
///
/// Section 5.4.2: of fields with one name, each mention in h= takes the next one from the bottom.
struct SignedHeader {
  std::vector<std::string> fields;
  /// For each of them the index in Message::fields; nullopt: the message lacks it.
  std::vector<std::optional<std::size_t>> sources;
  std::string own;  ///< the signature's own field
};
SignedHeader signed_header(const Signature& signature, const Message& message);
/// What b= signs.
std::string digest(const SignedHeader& header);

/// Body hashes by what they depend on: many signatures share one.
class BodyHashes {
 public:
  explicit BodyHashes(std::string_view body) : body_(body) {}
  struct Entry {
    std::string digest;
    std::uint64_t length = 0;  ///< of the canonical body, whole
  };
  const Entry& get(const Signature& signature);

 private:
  std::string_view body_;
  std::map<std::pair<Form, std::optional<std::uint64_t>>, Entry> entries_;
};

/// "dkim.expired", "dkim.signature-syntax" ...: what forbids the signature before any key is asked
/// for; empty: nothing.
std::string signature_problem(const Signature& signature, std::int64_t now);

/// What a signature that is not good tells of the signed header; empty: it is good.
std::string header_problem(Check check, KeyType type);

/// Sets `problem` as the only one, and the result that follows from it.
void settle(DkimSignature& result, std::string problem);

/// Everything but the key; fills all but result, problems and what a key tells.
DkimSignature describe_signature(const Signature& signature, const Message& message);

/// Hashes and verifies with a usable key; fills result, problems and what matches.
void verify_with_key(const Signature& signature, const KeyRecord& key, const SignedHeader& header,
                     BodyHashes& hashes, DkimSignature& result);

}  // namespace maildiag::checks::dkim
