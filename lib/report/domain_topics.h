/// The parts of a mail domain's report, and which findings belong to each.
#pragma once

#include <string_view>
#include <vector>

#include <maildiag/report.h>

namespace maildiag::report {

enum class DomainTopic {
  exchangers,
  servers,
  spf,
  dmarc,
  dkim,
  transport,
  lists,
  name_servers,
  other
};
inline constexpr DomainTopic domain_topics[] = {
    DomainTopic::exchangers, DomainTopic::servers,      DomainTopic::spf,
    DomainTopic::dmarc,      DomainTopic::dkim,         DomainTopic::transport,
    DomainTopic::lists,      DomainTopic::name_servers, DomainTopic::other};
/// Completes the label "domain.".
std::string_view to_string(DomainTopic topic);

DomainTopic topic_of(const Finding& finding);
std::vector<const Finding*> findings_of(const Report& report, DomainTopic topic);
Severity worst_of(const std::vector<const Finding*>& findings);

/// Not of the kind that has to be put right, or that nobody could find out.
inline bool is_calm(Severity severity) {
  return severity == Severity::ok || severity == Severity::info;
}

}  // namespace maildiag::report
