#include "checks/dkim_key_query.h"

#include <utility>
#include <variant>

#include "checks/dkim_finding.h"

namespace maildiag::checks::dkim {

Task<KeyAnswer> ask_key(Context context, DomainName name) {
  KeyAnswer result;
  result.answer = co_await context.resolver.query(name, dns::RecordType::txt);
  if (!result.answer.cname_chain.empty())
    result.cname = result.answer.cname_chain.back().to_string();
  for (auto& each : result.answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&each.data);
    if (txt == nullptr) continue;
    auto record = parse_key_record(txt->joined());
    // The answer becomes evidence, in reports that are passed on.
    if (record.disclosed) each.data = dns::TxtData{{record.text}};
    if (record.intended) {
      // A private key has to be told, wherever it stands: one more, and no other goes for it.
      const auto limit = max_key_records + (record.disclosed ? 1 : 0);
      if (result.records.size() < limit) result.records.push_back(std::move(record));
    } else if (result.other_text.empty()) {
      result.other_text = shown(record.text);
    }
  }
  co_return result;
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
  key.disclosed = record.disclosed;
  key.cname = answer.cname;
  if (auto problem = key_problem(record); !problem.empty()) key.problem = problem.substr(prefix);
  return key;
}

}  // namespace maildiag::checks::dkim
