// dkimcheck --message: every signature of a message.

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

#include "checks/dkim.h"
#include "checks/dkim_changes.h"
#include "checks/dkim_finding.h"
#include "checks/dkim_key_query.h"
#include "checks/dkim_lint.h"
#include "checks/dkim_verify.h"

namespace maildiag::checks {

namespace {

using namespace dkim;

constexpr std::string_view expired_problem = "dkim.expired";

/// What the signatures of one message share.
struct Work {
  Message message;
  BodyHashes hashes;
  Budget budget;
  SignatureTimes times;
};

/// What stands between this key and this signature; empty: it may be tried.
std::string pair_problem(const Signature& signature, const KeyRecord& key) {
  if (auto problem = key_problem(key); !problem.empty()) return problem;
  if (key.key->type() != signature.key_type) return "dkim.key-type-differs";
  return key.strict_domain && signature.identity_below ? "dkim.strict-identity" : "";
}

/// With several records each is tried; the best result counts (RFC 6376 section 6.1.2 leaves it to
/// the verifier).
void try_keys(const Signature& signature, const KeyAnswer& answer, Work& work,
              DkimSignature& result) {
  const auto header = signed_header(signature, work.message);
  const KeyRecord* used = nullptr;
  for (const auto& key : answer.records) {
    if (result.result == DkimResult::pass) break;
    auto problem = pair_problem(signature, key);
    if (!problem.empty()) {
      if (used != nullptr || !result.problems.empty()) continue;
      settle(result, std::move(problem));
      result.fault_at = shown(key.fault_at);
      result.key = describe_key(key, answer);
      continue;
    }
    verify_with_key(signature, key, header, work.hashes, result);
    result.key = describe_key(key, answer);
    used = &key;
  }
  if (used == nullptr || result.result == DkimResult::pass) return;
  if (!*result.body_matches && !signature.length) {
    if (auto change = find_body_change(signature, work.message, work.budget))
      result.changes.push_back(std::move(*change));
  }
  if (*result.header_matches || result.problems.back() == "dkim.key-mismatch") return;
  auto changes = find_header_changes(signature, *used, work.message, header, work.budget);
  if (!changes.empty()) result.problems.back() = "dkim.header-changed";
  for (auto& change : changes) {
    const bool known = std::any_of(result.changes.begin(), result.changes.end(),
                                   [&](const DkimChange& other) { return other.id == change.id; });
    if (!known) result.changes.push_back(std::move(change));
  }
}

/// What else is wrong with it is told behind; that a key was not answered for decides nothing any
/// more.
void add_expired(DkimSignature& result) {
  if (result.result == DkimResult::temperror) result.problems.clear();
  result.problems.insert(result.problems.begin(), std::string(expired_problem));
  result.result = DkimResult::fail;
}

Task<DkimSignature> check_signature(Context context, Signature signature, Work& work) {
  auto result = describe_signature(signature, work.message);
  result.key.domain = result.domain;
  result.key.selector = result.selector;
  auto problem = signature_problem(signature, work.times.received);
  const bool too_late = problem == expired_problem;
  if (!problem.empty() && !too_late) {
    settle(result, std::move(problem));
    co_return result;
  }
  const auto answer = co_await ask_key(context, *signature.key_name);
  result.evidence.push_back(brief_evidence(answer.answer));
  if (answer.records.empty()) {
    result.key.cname = answer.cname;
    settle(result, no_key_problem(answer));
  } else {
    try_keys(signature, answer, work, result);
    result.key.domain = result.domain;
    result.key.selector = result.selector;
  }
  if (too_late) add_expired(result);
  co_return result;
}

}  // namespace

Task<Result<DkimMessageReport>> check_dkim_message(Context context, std::string octets,
                                                   WallTime received,
                                                   std::optional<WallTime> today) {
  auto message = read_message(octets);
  if (!message) co_return tl::unexpected(message.error());
  DkimMessageReport report;
  const auto body = message->body;
  SignatureTimes times{std::chrono::system_clock::to_time_t(received), std::nullopt};
  if (today) times.today = std::chrono::system_clock::to_time_t(*today);
  Work work{std::move(*message), BodyHashes(body), Budget(), times};
  std::vector<Signature> signatures;
  for (const auto& field : work.message.fields) {
    if (field.name != "dkim-signature") continue;
    if (signatures.size() < max_dkim_signatures) {
      signatures.push_back(parse_signature(field));
    } else {
      ++report.ignored;
    }
  }
  report.signatures.resize(signatures.size());
  const auto one = [&](std::size_t index) -> Task<void> {
    auto result = co_await check_signature(context, signatures[index], work);
    report.signatures[index] = std::move(result);
  };
  co_await for_each_index(signatures.size(), max_dkim_signatures, one);
  report.findings = lint_signatures(work.message, report, work.times);
  co_return report;
}

}  // namespace maildiag::checks
