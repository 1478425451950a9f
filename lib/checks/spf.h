/// SPF: check_host() of RFC 7208, with a trace; and what is wrong with a record that nobody has
/// mailed from yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  int depth = 0;                  ///< include and redirect nesting
  std::string domain;             ///< whose record
  std::string term;               ///< as written
  std::string expanded;           ///< the target name after macros; empty: none
  std::string outcome;            ///< "match", "no match", "none", "permerror: bad-macro" ...
  int lookups = 0;                ///< counted so far
  std::vector<Evidence> queries;  ///< what this term asked, in order
};

/// Why a result is permerror or temperror, or none although nobody was asked ("bad-identity").
/// `code` is a word such as "bad-prefix-length"; the catalogue explains it under "spf." + code.
/// Empty code: no problem.
struct SpfProblem {
  std::string code;
  std::string domain;  ///< whose record
  std::string term;    ///< as written; empty: the record as a whole
  friend bool operator==(const SpfProblem&, const SpfProblem&) = default;
};

struct SpfEvaluation {
  SpfResult result = SpfResult::none;
  std::string explanation;  ///< exp= text, printable ASCII (valid only for fail); empty: none
  std::string mechanism;    ///< the term that decided, as written; "default" where none matched
  std::string domain;       ///< the record it stood in
  std::string
      identity;        ///< the domain that was checked: the sender's, or HELO's where there is none
  std::string record;  ///< that domain's SPF record; empty: none or several
  /// Why `record` is empty: the name of the finding, and where the domain's CNAME leads, if it has
  /// one.
  std::string absence, alias;
  SpfProblem problem;    ///< why permerror or temperror
  int lookups = 0;       ///< terms that ask DNS (section 4.6.4); 11 where the limit ended it
  int void_lookups = 0;  ///< terms with an empty answer; 3 where the limit ended it
  int void_queries = 0;  ///< empty answers, each question by itself
  /// For IPv6 clients: the result where a name that has only A records is not void. Set only where
  /// it differs.
  std::optional<SpfResult> lenient_result;
  /// Receivers that count every empty answer, not every term, find permerror. Set only where the
  /// result differs.
  bool strict_permerror = false;
  std::vector<SpfStep> trace;
  std::vector<Evidence> evidence;  ///< the TXT answer of the domain, the deciding answers
};
/// check_host(): the whole record is parsed before it is evaluated.
Task<SpfEvaluation> evaluate_spf(Context context, SpfRequest request);

/// The smallest change of `record` that makes `ip` pass.
struct SpfSuggestion {
  std::string record;  ///< to be published
  std::string term;    ///< what is new in it: "ip4:192.0.2.1"
  int octets = 0;      ///< that the record grows
};
/// An empty record is one to be published anew. nullopt: the record has a syntax error; correct
/// that first.
std::optional<SpfSuggestion> suggest_spf(std::string_view record, const IpAddress& ip);

/// What to change so that `ip` passes, and the same as a finding.
struct SpfAdvice {
  std::optional<SpfSuggestion> suggestion;  ///< nullopt: DNS did not answer, or correct it first
  Finding finding;                          ///< spf.suggest*
};
/// The record as it is published: an address that it permits already needs no change.
Task<SpfAdvice> advise_spf(Context context, DomainName domain, IpAddress ip);

/// One record of the include tree, with what it costs a receiver.
struct SpfNode {
  std::string domain;
  std::string term;   ///< the include: or redirect= that leads here; empty for the root
  std::string state;  ///< "ok" "none" "several" "syntax" "temperror" "loop" "macro" "not-followed"
  std::string record;
  int own_lookups = 0;   ///< terms of this record that ask DNS
  int lookups = 0;       ///< with everything below it; at most max_spf_tree_lookups
  int void_lookups = 0;  ///< terms with an empty answer, with everything below it
  std::vector<SpfNode> children;
};
inline constexpr int max_spf_tree_lookups = 100;  ///< where the count of a runaway tree stops

/// What authorising one more address costs.
struct SpfRoom {
  int octets4 = 0, octets6 = 0;  ///< that the record would grow
  int record_octets = 0;
  int txt_octets = 0;  ///< of all TXT records at the name, on the wire
  int lookups_left = 0;
};

struct SpfReport {
  std::optional<SpfEvaluation> evaluation;  ///< where an IP was given
  std::vector<std::string> records;         ///< the domain's SPF records, as found
  std::optional<SpfNode> tree;              ///< without an IP
  std::optional<SpfRoom> room;              ///< without an IP, where the record is valid
  /// Without an IP: the result for a client that no term in front of a fault matches. none: there
  /// is no record; permerror, whatever else DNS did not answer; temperror. nullopt: no fault ends
  /// the evaluation, be the record wise or not. What IPv6 clients alone meet at hosts that have A
  /// records does not count.
  std::optional<SpfResult> error;
  std::vector<Finding> findings;  ///< spf.*
  /// With an evaluation {result, explanation, mechanism, domain, lookups, void_lookups, trace[],
  /// ...}, else {records[], tree, lookups, void_lookups, room}.
  Value to_value() const&;
  Value to_value() &&;  ///< the same without a copy of every answer
};
/// Evaluation as findings: spf.pass, spf.fail, spf.softfail, spf.neutral, spf.none (or
/// spf.no-domain, spf.dangling-alias), spf.temperror, spf.permerror.
Task<SpfReport> check_spf(Context context, SpfRequest request);
/// Without an address: what is wrong or risky in the record and its includes.
Task<SpfReport> lint_spf(Context context, DomainName domain);

}  // namespace maildiag::checks
