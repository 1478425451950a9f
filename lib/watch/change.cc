#include "watch/change.h"

#include <algorithm>
#include <array>
#include <string>

namespace maildiag::watch {

namespace {

/// What nobody told apart before is not new; what is worse than before is.
bool is_new(const Standing& from, const std::string& name, Severity severity) {
  if (!from.faults) return !from.bad;
  const auto known = from.faults->find(name);
  return known == from.faults->end() || rank(severity) > rank(known->second);
}

bool has_new_fault(const Standing& from, const Standing& to) {
  return to.faults && std::any_of(to.faults->begin(), to.faults->end(), [&](const auto& fault) {
           return is_new(from, fault.first, fault.second);
         });
}

/// Nothing of it is known; not where a part that has no answer is one of the faults.
bool is_unanswered(const Standing& standing) {
  if (!standing.bad || standing.severity != Severity::unknown) return false;
  return !standing.faults ||
         std::none_of(standing.faults->begin(), standing.faults->end(),
                      [](const auto& fault) { return fault.second == Severity::unknown; });
}

}  // namespace

int rank(Severity severity) {
  constexpr std::array<int, 4> of_exit{0, 1, 3, 2};
  return of_exit.at(static_cast<std::size_t>(exit_status(severity)));
}

bool is_same(const Standing& from, const Standing& to) {
  return from.bad == to.bad && from.severity == to.severity && from.value == to.value &&
         (!from.faults || !to.faults || from.faults == to.faults);
}

Change change_between(const Standing& from, const Standing& to) {
  if (from.bad != to.bad) return to.bad ? Change::worse : Change::better;
  // Nothing gets better by not being known any more.
  if (is_unanswered(to)) return Change::worse;
  if (is_unanswered(from))
    return !to.faults || has_new_fault(from, to) ? Change::worse : Change::better;
  if (rank(to.severity) < rank(from.severity)) return Change::better;
  if (rank(to.severity) > rank(from.severity) || has_new_fault(from, to)) return Change::worse;
  const bool fewer = from.faults && to.faults && from.faults != to.faults;
  return fewer ? Change::better : Change::altered;
}

std::optional<Standing> confirmed(const Standing& stored, const Standing& before,
                                  const Standing& now) {
  const auto change = change_between(stored, now);
  if (before.bad != now.bad || is_unanswered(before) != is_unanswered(now) ||
      change_between(stored, before) != change)
    return std::nullopt;
  if (change == Change::altered && before.value != now.value) return std::nullopt;
  auto both = now;
  if (!now.faults || !before.faults) return both;
  std::erase_if(*both.faults, [&](const auto& fault) {
    return is_new(stored, fault.first, fault.second) && is_new(before, fault.first, fault.second);
  });
  // Wrong all the time, if nothing for long.
  if (both.faults->empty()) return now;
  if (change_between(stored, both) != change) return std::nullopt;
  return both;
}

std::vector<Transition> told_one_by_one(const Transition& whole, const std::vector<Fault>& seen) {
  std::vector<Transition> told;
  const bool better = whole.change == Change::better;
  if (better) told.push_back(whole);
  for (const auto& fault : seen) {
    const bool stands = whole.to.faults && whole.to.faults->contains(fault.name);
    if (!stands || !is_new(whole.from, fault.name, fault.severity)) continue;
    if (better && fault.detail == whole.detail) continue;
    auto& one = told.emplace_back(whole);
    if (better) one.change = Change::worse;
    one.to.severity = fault.severity;
    one.detail = fault.detail;
  }
  if (told.empty()) told.push_back(whole);
  return told;
}

}  // namespace maildiag::watch
