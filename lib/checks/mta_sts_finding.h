/// How MTA-STS's findings are made of a finished report.
#pragma once

#include <vector>

#include "checks/mta_sts.h"

namespace maildiag::checks::mta_sts {

/// data of tls_text::make_finding() and {url}.
Finding make(std::string_view id, Severity severity, const MtaStsReport& report);

/// The TXT record.
void add_record(const MtaStsReport& report, std::vector<Finding>& findings);
/// How the policy came, or why it did not.
void add_fetch(const MtaStsReport& report, WallTime now, std::vector<Finding>& findings);
/// What the policy says, and whether the MX hosts are in it.
void add_policy(const MtaStsReport& report, std::vector<Finding>& findings);

}  // namespace maildiag::checks::mta_sts
