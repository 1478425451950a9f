#include <string>

#include "checks/dmarc_record.h"
#include "core/tag_list.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

void dmarc_record(std::string_view octets) {
  using namespace checks::dmarc;
  const auto text = is_record(octets) ? std::string(octets) : "v=DMARC1;" + std::string(octets);
  require(is_record(text), "it begins with v=DMARC1");
  (void)looks_like_record(octets);
  const auto record = parse_record(text);
  require(record.uris.size() <= 2 * max_uris, "report destinations are bounded");
  require(record.problems.size() <= 4 * max_tags + 4 * max_uris, "problems are bounded");
  require(!record.p || record.has_p, "a policy that counts stands there");
  if (record.pct) require(*record.pct >= 0 && *record.pct <= 100, "pct= is a percentage");
  if (record.p) require(lowered(*record.p) <= *record.p, "t=y never makes a policy stricter");
}

}  // namespace maildiag::fuzz
