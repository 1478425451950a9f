/// How DKIM's findings are made.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <maildiag/finding.h>

#include "dns/answer.h"

namespace maildiag::checks::dkim {

/// Longest piece of a stranger's text in a finding, and longest record in a report.
inline constexpr std::size_t max_shown = 200, max_shown_record = 2048;
/// Of "dkim.", in front of every finding's id.
inline constexpr std::size_t prefix = 5;

/// Control characters as \xHH, bad UTF-8 replaced, cut at `limit`.
std::string shown(std::string_view octets, std::size_t limit = max_shown);

/// data {domain, selector, name}; the subject is `name`: selector._domainkey.domain.
Finding make_finding(std::string id, Severity severity, std::string_view domain,
                     std::string_view selector);

/// At most max_evidence_records of the answer: a name with more is no key's.
inline constexpr std::size_t max_evidence_records = 8;
Evidence brief_evidence(const dns::Answer& answer);

}  // namespace maildiag::checks::dkim
