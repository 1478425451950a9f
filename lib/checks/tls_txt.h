/// The TXT records that MTA-STS and TLS-RPT look for below a domain, and findings about them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/context.h"
#include "checks/tls_fields.h"

namespace maildiag::checks::tls_text {

/// Records at a name that are looked at; a domain with more has none that counts.
inline constexpr std::size_t max_records = 20;

struct TxtRecords {
  DomainName domain;  ///< that the records are for
  dns::Answer answer;
  std::vector<std::string> records;       ///< begin as one; exactly one counts
  std::vector<std::string> near_records;  ///< meant as one and none
};

/// How a text is recognised.
struct Recogniser {
  bool (*is_record)(std::string_view text);
  bool (*looks_like_record)(std::string_view text);
};

/// At `below`.`domain`; several strings of one record count as one text.
Task<TxtRecords> find_records(Context context, DomainName domain, std::string_view below,
                              Recogniser recogniser);

/// data {domain, name, outcome, count, target}; the answer as evidence.
Finding make_finding(std::string_view id, Severity severity, const TxtRecords& found);
/// The same with {text, line}.
Finding make_finding(const Problem& problem, const TxtRecords& found);

}  // namespace maildiag::checks::tls_text
