/// How BIMI's findings are made of a finished report.
#pragma once

#include <cstddef>
#include <vector>

#include "checks/bimi.h"

namespace maildiag::checks::bimi {

/// Of "bimi.", in front of every finding's id.
inline constexpr std::size_t prefix = 5;

/// The record: found, missing, several, what is wrong with its text.
void add_record(const BimiReport& report, std::vector<Finding>& findings);
/// What DMARC lacks for BIMI to count (section 7.1 of the draft, receivers' pages).
void add_policy(const BimiReport& report, std::vector<Finding>& findings);
/// The indicator, or that it was not looked at.
void add_indicator(const BimiReport& report, std::vector<Finding>& findings);

}  // namespace maildiag::checks::bimi
