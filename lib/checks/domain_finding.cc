#include "checks/domain_finding.h"

#include <algorithm>
#include <utility>

namespace maildiag::checks {

namespace {

/// Said of lists, whatever address they were asked about.
bool is_about_lists(const Finding& finding) {
  return finding.data.find("unanswered") != nullptr;
}

/// The same of one address is true at each exchanger that leads to it.
bool same_data(const Value& a, const Value& b) {
  if (a.find("ip") == nullptr || a.find("host") == nullptr) return a == b;
  return a["ip"] == b["ip"] && a["domain"] == b["domain"];
}

bool same_statement(const Finding& a, const Finding& b) {
  if (a.id != b.id || a.severity != b.severity) return false;
  if (is_about_lists(a)) return a.data["lists"] == b.data["lists"];
  return a.subject == b.subject && same_data(a.data, b.data);
}

}  // namespace

std::vector<Finding> without_duplicates(std::vector<Finding> findings) {
  std::vector<Finding> kept;
  kept.reserve(findings.size());
  for (auto& finding : findings) {
    const bool known = std::ranges::any_of(
        kept, [&finding](const Finding& other) { return same_statement(finding, other); });
    if (!known) kept.push_back(std::move(finding));
  }
  return kept;
}

}  // namespace maildiag::checks
