#include "diagnose/verdict.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "diagnose/list_names.h"
#include "diagnose/subject.h"

namespace maildiag::diagnose {

namespace {

bool contains(rulebook::Strings ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Where the reply names a list, only findings about that list speak for or against it.
bool agrees(const rulebook::Cause& cause, std::string_view named, const Finding& finding) {
  if (cause.match_fact.empty() || named.empty()) return true;
  if (const Value* list = finding.data.find("list")) return same_list(named, list->as_string());
  const auto& lists = finding.data["lists"].as_array();
  return std::any_of(lists.begin(), lists.end(),
                     [named](const Value& zone) { return same_list(named, zone.as_string()); });
}

std::vector<std::string> ids_among(rulebook::Strings ids, const rulebook::Cause& cause,
                                   std::string_view named, const std::vector<Finding>& findings) {
  std::vector<std::string> result;
  for (const auto& finding : findings) {
    if (contains(ids, finding.id) && agrees(cause, named, finding) &&
        std::find(result.begin(), result.end(), finding.id) == result.end()) {
      result.push_back(finding.id);
    }
  }
  return result;
}

}  // namespace

Decision decide(const rulebook::Cause& cause, const rulebook::Match& match,
                const std::vector<Finding>& findings, const std::vector<std::string>& missing) {
  const auto named = cause.match_fact.empty() ? std::string_view() : fact(match, cause.match_fact);
  auto confirming = ids_among(cause.confirmed_by, cause, named, findings);
  if (confirming.empty() && !named.empty())
    confirming = ids_among(cause.confirmed_when_named, cause, named, findings);
  if (!confirming.empty())
    return {Verdict::confirmed, "verdict.finding-confirms", std::move(confirming)};
  auto open = ids_among(cause.inconclusive_by, cause, {}, findings);
  auto refuting = ids_among(cause.refuted_by, cause, named, findings);
  // A list that answered for itself is not put in doubt by others that did not.
  const bool specific = !named.empty() && !refuting.empty();
  if (!open.empty() && !specific) {
    const bool answered =
        std::none_of(findings.begin(), findings.end(), [&](const Finding& finding) {
          return finding.severity == Severity::unknown &&
                 contains(cause.inconclusive_by, finding.id);
        });
    return {Verdict::inconclusive, answered ? "verdict.undecided" : "verdict.no-answer",
            std::move(open)};
  }
  if (!refuting.empty()) return {Verdict::refuted, "verdict.finding-refutes", std::move(refuting)};
  if (cause.untestable) return {Verdict::untestable, "verdict.receiver-only", {}};
  if (!missing.empty()) return {Verdict::inconclusive, missing.front(), {}};
  if (!named.empty()) return {Verdict::inconclusive, "verdict.list-not-asked", {}};
  return {Verdict::inconclusive, "verdict.undecided", {}};
}

const rulebook::Cause& refine(const rulebook::Rulebook& rulebook, const rulebook::Cause& cause,
                              const Decision& decision) {
  if (decision.verdict != Verdict::confirmed) return cause;
  for (const auto& narrower : rulebook.causes()) {
    if (narrower.refines != cause.id) continue;
    const bool all = std::all_of(
        decision.decided_by.begin(), decision.decided_by.end(),
        [&narrower](const std::string& id) { return contains(narrower.confirmed_by, id); });
    if (all) return narrower;
  }
  return cause;
}

std::vector<Alternative> find_alternatives(const rulebook::Rulebook& rulebook,
                                           const rulebook::Cause* cause,
                                           const std::vector<Finding>& findings) {
  std::multimap<int, Alternative> ranked;
  for (const auto& other : rulebook.causes()) {
    if (other.alternative_rank == 0 || &other == cause) continue;
    auto ids = ids_among(other.confirmed_by, other, {}, findings);
    if (!ids.empty())
      ranked.emplace(other.alternative_rank, Alternative{std::string(other.id), std::move(ids)});
  }
  // What is explained already needs no second name: a missing PTR is no mismatch besides.
  std::set<std::string, std::less<>> explained;
  for (auto& id : ids_among(cause->confirmed_by, *cause, {}, findings))
    explained.insert(std::move(id));
  std::vector<Alternative> result;
  for (auto& [rank, alternative] : ranked) {
    const auto known = explained.size();
    explained.insert(alternative.findings.begin(), alternative.findings.end());
    if (explained.size() > known) result.push_back(std::move(alternative));
  }
  return result;
}

}  // namespace maildiag::diagnose
