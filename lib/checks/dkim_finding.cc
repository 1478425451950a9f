#include "checks/dkim_finding.h"

#include <utility>

#include "core/text.h"

namespace maildiag::checks::dkim {

std::string shown(std::string_view octets, std::size_t limit) {
  if (octets.size() <= limit) return text::sanitize(octets);
  return text::sanitize(octets.substr(0, limit)) + "...";
}

Finding make_finding(std::string id, Severity severity, std::string_view domain,
                     std::string_view selector) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.subject = shown(domain);
  if (!selector.empty()) finding.subject = shown(selector) + "._domainkey." + finding.subject;
  finding.data.set("domain", shown(domain));
  finding.data.set("selector", shown(selector));
  finding.data.set("name", finding.subject);
  return finding;
}

Evidence brief_evidence(const dns::Answer& answer) {
  if (answer.records.size() <= max_evidence_records) return dns::to_evidence(answer);
  auto brief = answer;
  brief.records.resize(max_evidence_records);
  return dns::to_evidence(brief);
}

}  // namespace maildiag::checks::dkim
