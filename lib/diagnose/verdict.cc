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

/// Lists without an answer are told as unknown, or as info where enough others answered.
bool is_unanswered(const Finding& finding) {
  return finding.severity == Severity::unknown || finding.data["unanswered"].as_bool();
}

std::vector<std::size_t> indices_among(rulebook::Strings ids, const rulebook::Cause& cause,
                                       std::string_view named,
                                       const std::vector<Finding>& findings) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (contains(ids, findings[i].id) && agrees(cause, named, findings[i])) result.push_back(i);
  }
  return result;
}

bool is_listing(const Finding& finding) {
  return finding.data.find("list") != nullptr;
}

/// Of a check that took a sender for granted that nothing but the From field, or the HELO name,
/// tells.
bool is_guess(const Finding& finding) {
  return finding.data["sender_assumed"].as_bool();
}

/// Takes out of `indices` what is a guess only.
std::vector<std::size_t> take_guesses(std::vector<std::size_t>& indices,
                                      const std::vector<Finding>& findings) {
  std::vector<std::size_t> guesses;
  std::erase_if(indices, [&](std::size_t index) {
    if (is_guess(findings[index])) guesses.push_back(index);
    return is_guess(findings[index]);
  });
  return guesses;
}

std::vector<std::string> ids_at(const std::vector<std::size_t>& indices,
                                const std::vector<Finding>& findings) {
  std::vector<std::string> result;
  for (const auto index : indices) {
    const auto& id = findings[index].id;
    if (std::find(result.begin(), result.end(), id) == result.end()) result.push_back(id);
  }
  return result;
}

}  // namespace

Decision decide(const rulebook::Cause& cause, const rulebook::Match& match,
                const std::vector<Finding>& findings, const std::vector<std::string>& missing) {
  const auto named = cause.match_fact.empty() ? std::string_view() : fact(match, cause.match_fact);
  const auto decision = [&findings](Verdict verdict, const char* reason,
                                    std::vector<std::size_t> deciding) {
    auto ids = ids_at(deciding, findings);
    return Decision{verdict, reason, std::move(deciding), std::move(ids)};
  };
  auto confirming = indices_among(cause.confirmed_by, cause, named, findings);
  if (confirming.empty() && !named.empty())
    confirming = indices_among(cause.confirmed_when_named, cause, named, findings);
  auto guesses = take_guesses(confirming, findings);
  if (!confirming.empty())
    return decision(Verdict::confirmed, "verdict.finding-confirms", std::move(confirming));
  auto open = indices_among(cause.inconclusive_by, cause, {}, findings);
  auto refuting = indices_among(cause.refuted_by, cause, named, findings);
  // That a list has the address for another reason says nothing of a list that is not known.
  if (named.empty() && !cause.match_fact.empty())
    std::erase_if(refuting, [&](std::size_t index) { return is_listing(findings[index]); });
  for (const auto index : take_guesses(refuting, findings)) guesses.push_back(index);
  // A list that answered for itself is not put in doubt by others that did not.
  const bool specific = !named.empty() && !refuting.empty();
  if (!open.empty() && !specific) {
    const bool unanswered = std::any_of(open.begin(), open.end(), [&findings](std::size_t index) {
      return is_unanswered(findings[index]);
    });
    auto result = decision(Verdict::inconclusive,
                           unanswered ? "verdict.no-answer" : "verdict.undecided", std::move(open));
    if (!unanswered && !missing.empty()) result.reason = missing.front();
    return result;
  }
  if (!guesses.empty())
    return decision(Verdict::inconclusive, "verdict.no-sender", std::move(guesses));
  // What could not be looked at might have shown it.
  if (!refuting.empty() && missing.empty())
    return decision(Verdict::refuted, "verdict.finding-refutes", std::move(refuting));
  if (cause.untestable) return decision(Verdict::untestable, "verdict.receiver-only", {});
  if (!missing.empty()) return {Verdict::inconclusive, missing.front(), {}, {}};
  return decision(Verdict::inconclusive,
                  named.empty() ? "verdict.undecided" : "verdict.list-not-asked", {});
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

/// A narrower cause comes behind the broader one where a finding shows the broader alone: an
/// address that is listed for what it sent is not first said to be no more than a dynamic one.
int rank_of(const rulebook::Rulebook& rulebook, const rulebook::Cause& cause,
            const std::vector<std::string>& shown, const std::vector<Finding>& findings) {
  const auto* broader = rulebook.cause(cause.refines);
  if (cause.refines.empty() || broader == nullptr || broader->alternative_rank == 0)
    return cause.alternative_rank;
  auto showing = indices_among(broader->confirmed_by, *broader, {}, findings);
  take_guesses(showing, findings);
  const auto ids = ids_at(showing, findings);
  const bool alone = std::any_of(ids.begin(), ids.end(), [&shown](const std::string& id) {
    return std::find(shown.begin(), shown.end(), id) == shown.end();
  });
  return alone ? std::max(cause.alternative_rank, broader->alternative_rank + 1)
               : cause.alternative_rank;
}

std::vector<Alternative> find_alternatives(const rulebook::Rulebook& rulebook,
                                           const rulebook::Cause& cause, Verdict verdict,
                                           const std::vector<Finding>& findings) {
  std::multimap<int, Alternative> ranked;
  for (const auto& other : rulebook.causes()) {
    if (other.alternative_rank == 0) continue;
    auto showing = indices_among(other.confirmed_by, other, {}, findings);
    take_guesses(showing, findings);
    auto ids = ids_at(showing, findings);
    const auto rank = rank_of(rulebook, other, ids, findings);
    ranked.emplace(rank, Alternative{std::string(other.id), std::move(ids)});
  }
  // What is explained already needs no second name: a missing PTR is no mismatch besides.
  std::set<std::string, std::less<>> explained;
  if (verdict == Verdict::confirmed) {
    for (auto& id : ids_at(indices_among(cause.confirmed_by, cause, {}, findings), findings))
      explained.insert(std::move(id));
  }
  std::vector<Alternative> result;
  for (auto& [rank, alternative] : ranked) {
    const auto known = explained.size();
    explained.insert(alternative.findings.begin(), alternative.findings.end());
    if (explained.size() > known) result.push_back(std::move(alternative));
  }
  return result;
}

}  // namespace maildiag::diagnose
