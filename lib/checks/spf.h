/// SPF: check_host() of RFC 7208, with a trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

/// Bounds of RFC 7208 section 4.6.4 and 11.1.
inline constexpr int max_spf_lookups = 10;
inline constexpr int max_spf_void_lookups = 2;

enum class SpfResult { none, neutral, pass, fail, softfail, temperror, permerror };
std::string_view to_string(SpfResult result);

struct SpfRequest {
  IpAddress ip;
  std::string sender;  ///< reverse-path; empty: postmaster@helo is checked (section 2.4)
  std::string helo;
  std::string receiver = "unknown";  ///< the %{r} macro
};

struct SpfStep {
  int depth = 0;         ///< include and redirect nesting
  std::string domain;    ///< whose record
  std::string term;      ///< as written
  std::string expanded;  ///< the target name after macros; empty: none
  std::string outcome;   ///< "match", "no match", "none", "permerror: ..."
  int lookups = 0;       ///< counted so far
};

struct SpfEvaluation {
  SpfResult result = SpfResult::none;
  std::string explanation;  ///< exp= text (valid only for fail); empty: none
  std::string mechanism;    ///< the term that decided, as written; "default" where none matched
  std::string domain;       ///< the record it stood in
  std::string problem;      ///< why permerror or temperror, for people
  int lookups = 0, void_lookups = 0;
  std::vector<SpfStep> trace;
  std::vector<Evidence> evidence;  ///< the TXT answer of the domain, the deciding answers
};
/// check_host(): the whole record is parsed before it is evaluated.
Task<SpfEvaluation> evaluate_spf(Context context, SpfRequest request);

struct SpfReport {
  std::optional<SpfEvaluation> evaluation;  ///< where an IP was given
  std::vector<std::string> records;         ///< the domain's SPF records, as found
  std::vector<Finding> findings;            ///< spf.*
  Value to_value() const;
};
/// Evaluation as findings: spf.pass, spf.fail, spf.softfail, spf.neutral, spf.none, spf.temperror,
/// spf.permerror.
Task<SpfReport> check_spf(Context context, SpfRequest request);
/// Without an address: what is wrong or risky in the record and its includes.
Task<SpfReport> lint_spf(Context context, DomainName domain);

}  // namespace maildiag::checks
