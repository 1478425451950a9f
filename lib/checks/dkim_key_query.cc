#include "checks/dkim_key_query.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "checks/dkim_finding.h"

namespace maildiag::checks::dkim {

namespace {

/// The TXT records of an answer, which becomes evidence in reports that are passed on: private keys
/// are masked in both. A form that takes so many characters only makes two records of one key.
std::vector<KeyRecord> read_records(dns::Answer& answer) {
  std::vector<KeyRecord> records;
  std::vector<dns::RecordData*> shown_as;
  for (auto& each : answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&each.data);
    if (txt == nullptr) continue;
    records.push_back(parse_key_record(txt->joined()));
    shown_as.push_back(&each.data);
  }
  const bool disclosed = std::any_of(records.begin(), records.end(),
                                     [](const KeyRecord& record) { return record.disclosed; });
  for (std::size_t i = 0; disclosed && i < records.size(); ++i) {
    mask_rest(records[i]);
    if (!records[i].holds_key() || records[i].disclosed)
      *shown_as[i] = dns::TxtData{{records[i].text}};
  }
  return records;
}

}  // namespace

Task<KeyAnswer> ask_key(Context context, DomainName name) {
  KeyAnswer result;
  result.answer = co_await context.resolver.query(name, dns::RecordType::txt);
  if (!result.answer.cname_chain.empty())
    result.cname = result.answer.cname_chain.back().to_string();
  for (auto& record : read_records(result.answer)) {
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
