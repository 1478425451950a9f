#include "checks/tls_txt.h"

#include <utility>
#include <variant>

#include "checks/spf_finding.h"

namespace maildiag::checks::tls_text {

Task<TxtRecords> find_records(Context context, DomainName domain, std::string_view below,
                              Recogniser recogniser) {
  TxtRecords found;
  found.domain = domain;
  const auto name = domain.child(below);
  if (!name) {  // too long to exist
    found.answer.question = {domain, dns::RecordType::txt};
    found.answer.outcome = dns::Outcome::nxdomain;
    co_return found;
  }
  found.answer = co_await context.resolver.query(*name, dns::RecordType::txt);
  for (const auto& record : found.answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&record.data);
    if (txt == nullptr || found.records.size() + found.near_records.size() == max_records) continue;
    auto text = txt->joined();
    if (recogniser.is_record(text)) {
      found.records.push_back(std::move(text));
    } else if (recogniser.looks_like_record(text)) {
      found.near_records.push_back(std::move(text));
    }
  }
  co_return found;
}

Finding make_finding(std::string_view id, Severity severity, const TxtRecords& found) {
  Finding finding;
  finding.id = std::string(id);
  finding.severity = severity;
  finding.subject = found.domain.to_string();
  finding.data.set("domain", finding.subject);
  finding.data.set("name", found.answer.question.name.to_string());
  finding.data.set("outcome", dns::to_string(found.answer.outcome));
  finding.data.set("count", found.records.size());
  if (!found.answer.cname_chain.empty())
    finding.data.set("target", found.answer.cname_chain.back().to_string());
  auto brief = found.answer;
  if (brief.records.size() > max_records) brief.records.resize(max_records);
  finding.evidence.push_back(dns::to_evidence(brief));
  return finding;
}

Finding make_finding(const Problem& problem, const TxtRecords& found) {
  auto finding = make_finding(problem.id, problem.severity, found);
  finding.data.set("text", spf::shown(problem.text));
  if (problem.line > 0) finding.data.set("line", problem.line);
  return finding;
}

}  // namespace maildiag::checks::tls_text
