/// How SPF's findings are made.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <maildiag/finding.h>

#include "dns/answer.h"

namespace maildiag::checks::spf {

/// Longest term in a finding; a stranger's record is one term of 64 KiB if he likes.
inline constexpr std::size_t max_shown = 256;
/// Longest record in a report: whole for everyone but the hostile.
inline constexpr std::size_t max_shown_record = 4096;

/// Octets outside printable ASCII as \xHH, cut at `limit`.
std::string shown(std::string_view octets, std::size_t limit = max_shown);

/// data {domain, term}; the id is "spf." + `name`. An empty term is left out.
Finding make_finding(std::string_view name, Severity severity, std::string_view domain,
                     std::string_view term = {});

/// Why a definite answer to the TXT question has no SPF record, as a finding's name: "none", or
/// what a record could not be published beside: "no-domain" (section 4.3), "dangling-alias".
std::string_view absence_of(const dns::Answer& answer);
/// Where the aliases of the answer end; empty: there are none.
std::string alias_target(const dns::Answer& answer);

}  // namespace maildiag::checks::spf
