#include "checks/spf_lint_owner.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "checks/spf_finding.h"
#include "checks/spf_lint_record.h"
#include "checks/spf_macro.h"

namespace maildiag::checks::spf {
namespace {

bool is_remark(const Finding& finding) {
  // Of a redirect= these are what the own domain ends with.
  const bool result = finding.id == "spf.missing-all" || finding.id == "spf.neutral-all";
  return !result && (finding.severity == Severity::warning || finding.severity == Severity::info);
}

/// The finding's word, and what it is about: "wide-range ip4:192.0.0.0/15".
std::string remark_of(const Finding& finding) {
  constexpr std::array<std::string_view, 3> members = {"term", "seam", "text"};
  const auto word = finding.id.substr(finding.id.find('.') + 1);
  for (const auto member : members) {
    const auto* value = finding.data.find(member);
    if (value != nullptr) return word + " " + value->as_string();
  }
  return word;
}

}  // namespace

Owners::Owners(std::string_view root) : root_(to_domain_name(root)) {}

std::optional<std::string> Owners::other_owner(std::string_view domain) {
  const auto name = to_domain_name(domain);
  if (!name || !root_ || name->is_under(*root_)) return std::nullopt;
  if (!suffixes_) suffixes_.emplace();
  const auto owner = suffixes_->organizational_domain(*name);
  if (owner == suffixes_->organizational_domain(*root_)) return std::nullopt;
  return owner.to_string();
}

void Owners::fold_remarks(std::string_view domain, std::string_view term,
                          std::vector<Finding>& findings) {
  if (std::none_of(findings.begin(), findings.end(), is_remark)) return;
  const auto owner = other_owner(domain);
  if (!owner) return;
  const auto first = std::stable_partition(findings.begin(), findings.end(),
                                           [](const Finding& each) { return !is_remark(each); });
  const auto count = std::distance(first, findings.end());
  auto remarks = Value::array();
  for (auto each = first; each != findings.end(); ++each) {
    if (remarks.as_array().size() < max_listed_terms) remarks.push(remark_of(*each));
  }
  auto finding = make_finding("others-record", Severity::info, domain, term);
  finding.data.set("owner", *owner);
  finding.data.set("remarks", std::move(remarks));
  finding.data.set("count", count);
  findings.erase(first, findings.end());
  findings.push_back(std::move(finding));
}

}  // namespace maildiag::checks::spf
