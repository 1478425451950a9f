#include "checks/dkim_verify.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "checks/dkim_finding.h"

namespace maildiag::checks::dkim {

namespace {

/// Fields that a reader sees or a program acts on: one more of them than is signed can be put in
/// front without breaking the signature (RFC 6376 section 8.15).
constexpr std::string_view guarded[] = {"from", "subject",      "to",           "date",  "reply-to",
                                        "cc",   "content-type", "mime-version", "sender"};

std::vector<std::string> find_unprotected(const Signature& signature, const Message& message) {
  std::vector<std::string> names;
  for (const auto name : guarded) {
    const auto in_header =
        std::count_if(message.fields.begin(), message.fields.end(),
                      [name](const HeaderField& field) { return field.name == name; });
    const auto is_signed = std::count(signature.fields.begin(), signature.fields.end(), name);
    if (is_signed > 0 && in_header > is_signed) names.emplace_back(name);
  }
  return names;
}

}  // namespace

SignedHeader signed_header(const Signature& signature, const Message& message) {
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_name;
  for (std::size_t i = 0; i < message.fields.size(); ++i)
    by_name[message.fields[i].name].push_back(i);
  SignedHeader header;
  for (const auto& name : signature.fields) {
    auto found = by_name.find(name);
    if (found == by_name.end() || found->second.empty()) {
      header.fields.emplace_back();
      header.sources.emplace_back();
      continue;
    }
    const auto index = found->second.back();
    found->second.pop_back();
    header.fields.push_back(canonical_field(signature.header, message.fields[index]) + "\r\n");
    header.sources.emplace_back(index);
  }
  header.own = canonical_field(signature.header, signature.without_value);
  return header;
}

std::string digest(const SignedHeader& header) {
  Sha256 hash;
  for (const auto& field : header.fields) hash.add(field);
  hash.add(header.own);
  return hash.digest();
}

const BodyHashes::Entry& BodyHashes::get(const Signature& signature) {
  const std::pair key(signature.body, signature.length);
  const auto found = entries_.find(key);
  if (found != entries_.end()) return found->second;
  const auto hash = hash_body(signature.body, signature.length, body_);
  return entries_.emplace(key, Entry{hash.digest(), hash.length()}).first->second;
}

std::string signature_problem(const Signature& signature, std::int64_t now) {
  switch (signature.fault) {
    case SignatureFault::none:
    case SignatureFault::lists_fields:  // of ARC's seals only, which are told of by themselves
      break;
    case SignatureFault::syntax:
      return "dkim.signature-syntax";
    case SignatureFault::version:
      return "dkim.signature-version";
    case SignatureFault::missing_tag:
      return "dkim.missing-tag";
    case SignatureFault::bad_value:
      return "dkim.bad-value";
    case SignatureFault::algorithm:
      return "dkim.unknown-algorithm";
    case SignatureFault::sha1:
      return "dkim.sha1-signature";
    case SignatureFault::from_not_signed:
      return "dkim.from-not-signed";
    case SignatureFault::identity:
      return "dkim.identity-mismatch";
    case SignatureFault::expiry:
      return "dkim.bad-expiry";
  }
  return signature.expires && *signature.expires < now ? "dkim.expired" : "";
}

std::string header_problem(Check check, KeyType type) {
  if (check == Check::good) return {};
  if (check == Check::other_digest) return "dkim.header-changed";
  return type == KeyType::rsa ? "dkim.key-mismatch" : "dkim.signature-mismatch";
}

void settle(DkimSignature& result, std::string problem) {
  result.result = problem == "dkim.key-unanswered" ? DkimResult::temperror
                  : problem == "dkim.expired"      ? DkimResult::fail
                                                   : DkimResult::permerror;
  result.problems = {std::move(problem)};
}

DkimSignature describe_signature(const Signature& signature, const Message& message) {
  DkimSignature result;
  result.domain = shown(signature.domain);
  result.selector = shown(signature.selector);
  result.identity = shown(signature.identity);
  result.algorithm = shown(signature.algorithm);
  result.canonicalization =
      fmt::format("{}/{}", to_string(signature.header), to_string(signature.body));
  result.fault_at = shown(signature.fault_at);
  result.length = signature.length;
  result.names_nothing = signature.names_nothing;
  result.time = signature.time;
  result.expires = signature.expires;
  for (const auto& name : signature.fields) result.signed_fields.push_back(shown(name));
  result.unprotected = find_unprotected(signature, message);
  return result;
}

void verify_with_key(const Signature& signature, const KeyRecord& key, const SignedHeader& header,
                     BodyHashes& hashes, DkimSignature& result) {
  const auto& body = hashes.get(signature);
  if (signature.length && *signature.length < body.length)
    result.unsigned_octets = body.length - *signature.length;
  const bool too_short = signature.length && *signature.length > body.length;
  result.body_matches = !too_short && body.digest == signature.body_hash;
  const auto check = key.key->verify(digest(header), signature.value);
  result.header_matches = check == Check::good;

  result.problems.clear();
  if (too_short) {
    result.problems.emplace_back("dkim.body-too-short");
  } else if (!*result.body_matches) {
    result.problems.emplace_back("dkim.body-changed");
  }
  if (check != Check::good) result.problems.push_back(header_problem(check, key.key->type()));
  result.result = result.problems.empty() ? DkimResult::pass : DkimResult::fail;
}

}  // namespace maildiag::checks::dkim
