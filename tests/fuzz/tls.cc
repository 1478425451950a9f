#include <string>

#include "checks/mta_sts_policy.h"
#include "checks/mta_sts_record.h"
#include "checks/tls_rpt_record.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

using checks::tls_text::max_problems;

void mta_sts(std::string_view octets) {
  using namespace checks::mta_sts;
  const auto text = is_record(octets) ? std::string(octets) : "v=STSv1;" + std::string(octets);
  require(is_record(text), "it begins with v=STSv1");
  (void)looks_like_record(octets);
  const auto record = parse_record(text);
  require(record.problems.size() <= max_problems + 1, "problems of a record are bounded");
  require(!record.usable() || !record.id.empty(), "a record that counts has an id");

  const auto policy = parse_policy(octets);
  require(policy.problems.size() <= max_problems + 1, "problems of a policy are bounded");
  require(policy.patterns.size() <= max_patterns, "patterns are bounded");
  if (policy.usable())
    require(policy.mode && policy.max_age && *policy.max_age <= max_max_age &&
                (policy.mode == Mode::none || !policy.patterns.empty()),
            "a policy that counts says what it has to");
  for (const auto& pattern : policy.patterns) {
    const bool any = pattern.starts_with("*.");
    const auto host = DomainName::parse(any ? "x" + pattern.substr(1) : pattern);
    require(!host || matches(pattern, *host), "a pattern is for its own host");
    require(!host || !matches(pattern, host->parent()), "and not for the name above it");
  }
}

void tls_rpt(std::string_view octets) {
  using namespace checks::tls_rpt;
  const auto text = is_record(octets) ? std::string(octets) : "v=TLSRPTv1;" + std::string(octets);
  require(is_record(text), "it begins with v=TLSRPTv1");
  (void)looks_like_record(octets);
  const auto record = parse_record(text);
  require(record.problems.size() <= max_problems + 1, "problems are bounded");
  require(record.uris.size() <= checks::tls_text::max_fields * max_uris,
          "destinations are bounded");
  require(!record.usable() || !record.uris.empty(), "a record that counts has a destination");
}

}  // namespace maildiag::fuzz
