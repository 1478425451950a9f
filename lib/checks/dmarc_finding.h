/// How DMARC's findings are made of a finished report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/dmarc.h"

namespace maildiag::checks::dmarc {

/// Longest value or record in a finding; a stranger's record may be 64 KiB.
inline constexpr std::size_t max_shown = 256, max_shown_record = 4096;
/// Findings about one record's text: a hostile one has hundreds, nobody reads them.
inline constexpr std::size_t max_lint_findings = 50;

/// data {domain}
Finding make_finding(std::string id, Severity severity, const DomainName& domain);

/// What the walk and the policy come to: dmarc.ok, .none-policy, .missing, .unknown ...
void add_verdict(const DmarcReport& report, std::vector<Finding>& findings);
/// What is wrong with the record's text and where it stands.
void add_lint(const DmarcReport& report, const PublicSuffixes* suffixes,
              std::vector<Finding>& findings);
/// Destinations of reports, and the reading by RFC 7489.
void add_destinations(const DmarcReport& report, std::vector<Finding>& findings);
void add_rfc7489(const DmarcReport& report, std::vector<Finding>& findings);

}  // namespace maildiag::checks::dmarc
