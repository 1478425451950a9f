// Validation of a chain (RFC 8617 section 5.2). All signatures are tried where the structure is
// sound, also behind the one that decides: a reader wants to know who broke what.

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "checks/arc.h"
#include "checks/arc_chain.h"
#include "checks/arc_report.h"
#include "checks/dkim_finding.h"
#include "checks/dkim_key_query.h"
#include "checks/dkim_verify.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

using namespace dkim;

/// Distinct (canonicalisation, l=) pairs among the message signatures, from the newest on: each
/// costs a hash of the whole body. Real chains have one or two.
constexpr std::size_t max_body_hashes = 8;
/// Sets verified at once.
constexpr std::size_t parallel_sets = 10;
constexpr std::size_t max_shown_results = 1000;

struct Work {
  Message message;
  arc::Chain chain;
  BodyHashes hashes;
  std::int64_t now = 0;
  std::vector<std::string> seal_digests;  ///< what each seal signs, by instance - 1
  std::vector<Signature> seals, messages;
};

/// Section 5.1.1: the fields of all sets up to the seal's own, in the order of the instances, each
/// set as results, message signature, seal.
std::vector<std::string> seal_digests(const Message& message, const arc::Chain& chain,
                                      const std::vector<Signature>& seals) {
  std::vector<std::string> digests;
  Sha256 hash;
  for (const auto& [instance, members] : chain.sets) {
    for (const auto index : {*members.results, *members.message})
      hash.add(canonical_field(Form::relaxed, message.fields[index]) + "\r\n");
    Sha256 own = hash;
    own.add(canonical_field(Form::relaxed, seals[digests.size()].without_value));
    digests.push_back(own.digest());
    hash.add(canonical_field(Form::relaxed, message.fields[*members.seal]) + "\r\n");
  }
  return digests;
}

/// Calls `verify` with each key that fits, until the signature holds.
template <class Verify>
void try_keys(const Signature& signature, const KeyAnswer& answer, DkimSignature& result,
              Verify verify) {
  bool used = false;
  for (const auto& key : answer.records) {
    if (result.result == DkimResult::pass) break;
    auto problem = key_problem(key);
    if (problem.empty() && key.key->type() != signature.key_type) problem = "dkim.key-type-differs";
    if (problem.empty()) {
      verify(key);
      used = true;
    } else if (used || !result.problems.empty()) {
      continue;
    } else {
      settle(result, std::move(problem));
      result.fault_at = shown(key.fault_at);
    }
    result.key = describe_key(key, answer);
  }
}

/// Up to the key; nullopt: the signature cannot be valid, and `result` says why.
Task<std::optional<KeyAnswer>> find_key(Context context, const Signature& signature,
                                        std::int64_t now, DkimSignature& result) {
  auto problem = signature.fault == SignatureFault::lists_fields
                     ? "arc.seal-lists-fields"
                     : signature_problem(signature, now);
  if (!problem.empty()) {
    settle(result, std::move(problem));
    co_return std::nullopt;
  }
  auto answer = co_await ask_key(context, *signature.key_name);
  result.evidence.push_back(brief_evidence(answer.answer));
  if (answer.records.empty()) {
    settle(result, no_key_problem(answer));
    co_return std::nullopt;
  }
  co_return std::optional<KeyAnswer>(std::move(answer));
}

Task<void> verify_message(Context context, const Signature& signature, Work& work,
                          DkimSignature& result) {
  const auto answer = co_await find_key(context, signature, work.now, result);
  if (!answer) co_return;
  const auto header = signed_header(signature, work.message);
  try_keys(signature, *answer, result, [&](const KeyRecord& key) {
    verify_with_key(signature, key, header, work.hashes, result);
  });
}

Task<void> verify_seal(Context context, const Signature& signature, const std::string& digest,
                       std::int64_t now, DkimSignature& result) {
  const auto answer = co_await find_key(context, signature, now, result);
  if (!answer) co_return;
  try_keys(signature, *answer, result, [&](const KeyRecord& key) {
    const auto check = key.key->verify(digest, signature.value);
    result.header_matches = check == Check::good;
    result.problems.clear();
    if (auto problem = header_problem(check, signature.key_type); !problem.empty())
      result.problems.push_back(std::move(problem));
    result.result = result.problems.empty() ? DkimResult::pass : DkimResult::fail;
  });
}

bool covers_arc(const Signature& signature) {
  return std::any_of(signature.fields.begin(), signature.fields.end(), [](const std::string& name) {
    return name == "arc-seal" || name == "arc-message-signature" ||
           name == "arc-authentication-results";
  });
}

ArcSet describe_set(int instance, const arc::Members& members, const Message& message) {
  ArcSet set;
  set.instance = instance;
  set.chain_status = shown(members.chain_status);
  set.missing = members.missing();
  set.surplus = members.surplus;
  if (members.results) {
    auto text = message.fields[*members.results].value();
    text.remove_prefix(std::min(text.find(';'), text.size() - 1) + 1);
    set.results =
        shown(text::collapse_spaces(text.substr(0, max_shown_results)), max_shown_results);
  }
  if (members.message) {
    const auto signature =
        parse_signature(message.fields[*members.message], SignatureKind::arc_message);
    set.message = describe_signature(signature, message);
    set.covers_arc = covers_arc(signature);
  }
  if (members.seal) {
    const auto signature = parse_signature(message.fields[*members.seal], SignatureKind::arc_seal);
    set.seal = describe_signature(signature, message);
  }
  return set;
}

/// REQUIRES: the chain's structure is sound.
void prepare(Work& work, std::vector<ArcSet>& sets) {
  for (const auto& [instance, members] : work.chain.sets) {
    const auto& fields = work.message.fields;
    work.messages.push_back(parse_signature(fields[*members.message], SignatureKind::arc_message));
    work.seals.push_back(parse_signature(fields[*members.seal], SignatureKind::arc_seal));
  }
  work.seal_digests = seal_digests(work.message, work.chain, work.seals);
  std::set<std::pair<Form, std::optional<std::uint64_t>>> hashes;
  for (auto i = sets.size(); i-- > 0;) {
    const std::pair hash(work.messages[i].body, work.messages[i].length);
    if (!hashes.contains(hash) && hashes.size() == max_body_hashes) {
      settle(sets[i].message, "arc.signature-not-tried");
    } else {
      hashes.insert(hash);
    }
  }
}

Task<void> verify_chain(Context context, Work& work, std::vector<ArcSet>& sets) {
  prepare(work, sets);
  const auto one = [&](std::size_t index) -> Task<void> {
    auto& set = sets[index];
    set.tried = true;
    if (set.message.problems.empty())
      co_await verify_message(context, work.messages[index], work, set.message);
    co_await verify_seal(context, work.seals[index], work.seal_digests[index], work.now, set.seal);
  };
  co_await for_each_index(sets.size(), parallel_sets, one);
}

}  // namespace

Task<Result<ArcReport>> check_arc(Context context, std::string octets, WallTime now) {
  auto message = read_message(octets);
  if (!message) co_return tl::unexpected(message.error());
  const auto body = message->body;
  Work work{std::move(*message),
            {},
            BodyHashes(body),
            std::chrono::system_clock::to_time_t(now),
            {},
            {},
            {}};
  work.chain = arc::collect_chain(work.message);
  ArcReport report;
  for (const auto& [instance, members] : work.chain.sets)
    report.sets.push_back(describe_set(instance, members, work.message));
  const auto fault = arc::find_structure_fault(work.chain);
  if (!fault && !work.chain.empty()) co_await verify_chain(context, work, report.sets);
  arc::decide(fault, work.chain, report);
  co_return report;
}

}  // namespace maildiag::checks
