/// The TXT record that announces an MTA-STS policy (RFC 8461 section 3.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/tls_fields.h"

namespace maildiag::checks::mta_sts {

struct Record {
  std::string text;
  std::string id;  ///< of the policy; empty where the record is broken
  std::vector<tls_text::Problem> problems;
  bool usable() const { return tls_text::is_usable(problems); }
};

/// Begins with "v=STSv1", as a whole word; everything else at the name is dropped.
bool is_record(std::string_view text);
/// Meant as one and yet none: "v=stsv1", a v= that is not first.
bool looks_like_record(std::string_view text);
/// REQUIRES: is_record(text).
Record parse_record(std::string_view text);

}  // namespace maildiag::checks::mta_sts
