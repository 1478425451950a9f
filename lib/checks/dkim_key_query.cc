#include "checks/dkim_key_query.h"

#include <utility>
#include <variant>

#include "checks/dkim_finding.h"
#include "core/text.h"

namespace maildiag::checks::dkim {

Task<KeyAnswer> ask_key(Context context, DomainName name) {
  KeyAnswer result;
  result.answer = co_await context.resolver.query(name, dns::RecordType::txt);
  if (!result.answer.cname_chain.empty())
    result.cname = result.answer.cname_chain.back().to_string();
  for (const auto& each : result.answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&each.data);
    if (txt == nullptr || result.records.size() == max_key_records) continue;
    auto record = parse_key_record(txt->joined());
    // "v=dkim1" and "v=DKIM1 k=rsa" were meant to be keys, "v=spf1" was not.
    const bool misspelt =
        record.fault == KeyFault::version && text::starts_with_ignore_case(record.fault_at, "dkim");
    if (record.is_dkim || misspelt || record.fault == KeyFault::wrapped) {
      result.records.push_back(std::move(record));
    } else if (result.other_text.empty()) {
      result.other_text = shown(record.text);
    }
  }
  co_return result;
}

std::string key_problem(const KeyRecord& record) {
  switch (record.fault) {
    case KeyFault::none:
      break;
    case KeyFault::syntax:
      return "dkim.key-syntax";
    case KeyFault::not_first:
      return "dkim.key-version-not-first";
    case KeyFault::version:
      return "dkim.key-bad-version";
    case KeyFault::no_key:
      return "dkim.key-no-p";
    case KeyFault::unknown_type:
      return "dkim.key-unknown-type";
    case KeyFault::base64:
      return "dkim.key-bad-base64";
    case KeyFault::wrong_type:
      return "dkim.key-wrong-type";
    case KeyFault::private_key:
      return "dkim.key-private";
    case KeyFault::broken:
      return "dkim.key-broken";
    case KeyFault::ed25519_der:
      return "dkim.key-ed25519-der";
    case KeyFault::wrapped:
      return "dkim.key-wrapped";
  }
  if (record.revoked) return "dkim.key-revoked";
  if (record.key->type() == KeyType::rsa && record.key->bits() < least_rsa_bits)
    return "dkim.key-too-short";
  if (!record.allows_sha256()) return "dkim.key-hash-excluded";
  if (!record.allows_email()) return "dkim.key-service-excluded";
  return {};
}

std::string no_key_problem(const KeyAnswer& answer) {
  if (!answer.answer.definite()) return "dkim.key-unanswered";
  if (!answer.other_text.empty()) return "dkim.key-no-key";
  return answer.cname.empty() ? "dkim.key-missing" : "dkim.key-alias-broken";
}

DkimKey describe_key(const KeyRecord& record, const KeyAnswer& answer) {
  DkimKey key;
  key.record = shown(record.text, max_shown_record);
  key.mended = shown(record.mended, max_shown_record);
  key.type = shown(record.type);
  key.bits = record.key ? record.key->bits() : 0;
  key.valid = record.valid();
  key.revoked = record.revoked;
  key.testing = record.testing;
  key.cname = answer.cname;
  if (auto problem = key_problem(record); !problem.empty()) key.problem = problem.substr(prefix);
  return key;
}

}  // namespace maildiag::checks::dkim
