#include "report/domain_topics.h"

#include <array>
#include <utility>

namespace maildiag::report {

std::string_view to_string(DomainTopic topic) {
  switch (topic) {
    case DomainTopic::exchangers:
      return "exchangers";
    case DomainTopic::servers:
      return "servers";
    case DomainTopic::spf:
      return "spf";
    case DomainTopic::dmarc:
      return "dmarc";
    case DomainTopic::dkim:
      return "dkim";
    case DomainTopic::transport:
      return "transport";
    case DomainTopic::lists:
      return "lists";
    case DomainTopic::name_servers:
      return "name-servers";
    case DomainTopic::other:
      break;
  }
  return "other";
}

DomainTopic topic_of(const Finding& finding) {
  static constexpr std::array<std::pair<std::string_view, DomainTopic>, 10> areas{
      {{"mx", DomainTopic::exchangers},
       {"ptr", DomainTopic::exchangers},
       {"smtp", DomainTopic::servers},
       {"spf", DomainTopic::spf},
       {"dmarc", DomainTopic::dmarc},
       {"dkim", DomainTopic::dkim},
       {"mta-sts", DomainTopic::transport},
       {"tls-rpt", DomainTopic::transport},
       {"dns", DomainTopic::name_servers},
       {"dnsbl", DomainTopic::lists}}};
  const std::string_view id = finding.id;
  for (const auto& [area, topic] : areas) {
    if (id.substr(0, id.find('.')) == area) return topic;
  }
  return DomainTopic::other;
}

std::vector<const Finding*> findings_of(const Report& report, DomainTopic topic) {
  std::vector<const Finding*> found;
  for (const auto& finding : report.findings) {
    if (topic_of(finding) == topic) found.push_back(&finding);
  }
  return found;
}

Severity worst_of(const std::vector<const Finding*>& findings) {
  auto worst = Severity::ok;
  for (const auto* finding : findings) worst = worse(worst, finding->severity);
  return worst;
}

}  // namespace maildiag::report
