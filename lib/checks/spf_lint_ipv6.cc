#include "checks/spf_lint_ipv6.h"

#include <iterator>
#include <utility>

#include "checks/spf.h"
#include "checks/spf_finding.h"
#include "checks/spf_lint_record.h"

namespace maildiag::checks::spf {

void Ipv6Path::add_permit() {
  // Several in a row tell no more than one.
  if (steps_.empty() || !steps_.back().permits) steps_.push_back({true, {}});
}

void Ipv6Path::add_void(std::string_view term) {
  steps_.push_back({false, shown(term)});
}

void Ipv6Path::append(Ipv6Path below) {
  steps_.insert(steps_.end(), std::make_move_iterator(below.steps_.begin()),
                std::make_move_iterator(below.steps_.end()));
}

std::optional<Finding> Ipv6Path::judge(std::string_view domain) const {
  int voids = 0;
  bool behind = false;
  auto terms = Value::array();
  for (const auto& step : steps_) {
    behind = behind || (step.permits && voids > max_spf_void_lookups);
    if (step.permits) continue;
    ++voids;
    if (terms.as_array().size() < max_listed_terms) terms.push(step.term);
  }
  if (voids <= max_spf_void_lookups) return std::nullopt;
  auto finding =
      make_finding("ipv6-void-lookups", behind ? Severity::warning : Severity::info, domain);
  finding.data.set("terms", std::move(terms));
  finding.data.set("void_lookups", voids);
  finding.data.set("limit", max_spf_void_lookups);
  return finding;
}

}  // namespace maildiag::checks::spf
