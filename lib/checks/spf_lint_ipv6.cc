#include "checks/spf_lint_ipv6.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "checks/spf.h"
#include "checks/spf_finding.h"
#include "checks/spf_lint_record.h"

namespace maildiag::checks::spf {
namespace {

/// Each once, and not more of them than a person reads.
void list_once(Value& list, const std::string& text) {
  const auto& listed = list.as_array();
  const bool known = std::any_of(listed.begin(), listed.end(),
                                 [&](const Value& each) { return each.as_string() == text; });
  if (!known && listed.size() < max_listed_terms) list.push(text);
}

}  // namespace

void Ipv6Path::add_permit() {
  // Several in a row tell no more than one.
  if (!steps_.empty() && steps_.back().permits == Truth::yes && steps_.back().is_void == Truth::no)
    return;
  steps_.emplace_back().permits = Truth::yes;
}

void Ipv6Path::add_hosts(std::string_view term, Hosts hosts) {
  const auto open = hosts.unanswered.empty() ? Truth::no : Truth::maybe;
  Step step;
  step.permits = hosts.found ? Truth::yes : open;
  step.is_void = hosts.none ? Truth::yes : open;
  step.term = shown(term);
  step.unanswered = std::move(hosts.unanswered);
  steps_.push_back(std::move(step));
}

void Ipv6Path::append(Ipv6Path below) {
  steps_.insert(steps_.end(), std::make_move_iterator(below.steps_.begin()),
                std::make_move_iterator(below.steps_.end()));
}

void Ipv6Path::forget_permits() {
  for (auto& step : steps_) step.permits = Truth::no;
}

std::vector<Finding> Ipv6Path::judge(std::string_view domain) const {
  int voids = 0;
  bool behind = false;
  bool perhaps_behind = false;
  bool deferred = false;
  std::set<std::string> open;  // names without an answer so far
  auto terms = Value::array();
  for (const auto& step : steps_) {
    // The hosts of an mx term come in any order, so its own names count.
    for (const auto& name : step.unanswered) open.insert(name.target.key());
    const bool over = voids > max_spf_void_lookups;
    if (step.permits == Truth::yes) {
      behind = behind || over;
      deferred = deferred || !open.empty();
    } else if (step.permits == Truth::maybe) {
      perhaps_behind = perhaps_behind || over;
      // A name that has an address was answered for.
      deferred = deferred || open.size() > 1;
    }
    if (step.is_void != Truth::yes) continue;
    ++voids;
    if (terms.as_array().size() < max_listed_terms) terms.push(step.term);
  }
  std::vector<Finding> findings;
  if (voids > max_spf_void_lookups) {
    auto& finding = findings.emplace_back(
        make_finding("ipv6-void-lookups", behind ? Severity::warning : Severity::info, domain));
    finding.data.set("terms", std::move(terms));
    finding.data.set("void_lookups", voids);
    finding.data.set("limit", max_spf_void_lookups);
  }
  if (!open.empty()) {
    const bool unknown = deferred || (perhaps_behind && !behind);
    findings.push_back(unknown_finding(domain, unknown ? Severity::unknown : Severity::info));
  }
  return findings;
}

Finding Ipv6Path::unknown_finding(std::string_view domain, Severity severity) const {
  auto finding = make_finding("ipv6-unknown", severity, domain);
  auto terms = Value::array();
  auto targets = Value::array();
  for (const auto& step : steps_) {
    if (!step.unanswered.empty()) list_once(terms, step.term);
    for (const auto& name : step.unanswered) {
      const auto before = targets.as_array().size();
      list_once(targets, name.target.to_string());
      if (targets.as_array().size() > before) finding.evidence.push_back(name.evidence);
    }
  }
  finding.data.set("terms", std::move(terms));
  finding.data.set("targets", std::move(targets));
  finding.data.set("limit", max_spf_void_lookups);
  return finding;
}

}  // namespace maildiag::checks::spf
