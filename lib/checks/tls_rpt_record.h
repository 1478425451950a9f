/// The TXT record that asks for TLS reports (RFC 8460 section 3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checks/tls_fields.h"

namespace maildiag::checks::tls_rpt {

/// Destinations that are read; nobody reports to more.
inline constexpr std::size_t max_uris = 50;

struct Record {
  std::string text;
  std::vector<std::string> uris;  ///< that reports can be sent to: mailto and https
  std::vector<tls_text::Problem> problems;
  bool usable() const { return tls_text::is_usable(problems); }
};

/// Begins with "v=TLSRPTv1", as a whole word; everything else at the name is dropped.
bool is_record(std::string_view text);
/// Meant as one and yet none: "v=tlsrptv1", a v= that is not first.
bool looks_like_record(std::string_view text);
/// REQUIRES: is_record(text).
Record parse_record(std::string_view text);

}  // namespace maildiag::checks::tls_rpt
