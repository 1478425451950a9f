#include "watch/change.h"

#include <array>

namespace maildiag::watch {

namespace {

bool is_unanswered(const Standing& standing) {
  return standing.bad && standing.severity == Severity::unknown;
}

}  // namespace

int rank(Severity severity) {
  constexpr std::array<int, 4> of_exit{0, 1, 3, 2};
  return of_exit.at(static_cast<std::size_t>(exit_status(severity)));
}

bool is_same(const Standing& from, const Standing& to) {
  return from.bad == to.bad && rank(from.severity) == rank(to.severity) && from.value == to.value;
}

Change change_between(const Standing& from, const Standing& to) {
  if (from.bad != to.bad) return to.bad ? Change::worse : Change::better;
  // Nothing gets better by not being known any more, nor by being known to be bad.
  if (is_unanswered(to) || is_unanswered(from)) return Change::worse;
  if (rank(to.severity) == rank(from.severity)) return Change::altered;
  return rank(to.severity) > rank(from.severity) ? Change::worse : Change::better;
}

bool confirm_each_other(const Standing& stored, const Standing& before, const Standing& now) {
  const auto change = change_between(stored, now);
  if (before.bad != now.bad || is_unanswered(before) != is_unanswered(now) ||
      change_between(stored, before) != change)
    return false;
  return change != Change::altered || before.value == now.value;
}

}  // namespace maildiag::watch
