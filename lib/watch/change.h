/// What has changed between two standings of one thing, and what of it is to be told.
#pragma once

#include <optional>
#include <vector>

#include "watch/item.h"

namespace maildiag::watch {

/// 0 ok and info, 1 warning, 2 unknown, 3 critical: grows with what it means.
int rank(Severity severity);

/// Faults that are not told apart make no difference.
bool is_same(const Standing& from, const Standing& to);

/// found, baseline and heartbeat are none. Of several things that change the worst counts, but
/// something less bad instead of what was worse is better.
Change change_between(const Standing& from, const Standing& to);

/// What the two runs that saw `before` and `now` confirm of each other, where `stored` is
/// remembered: the change for the worse or the better, if not what it is to, and of new faults
/// those that both saw. That nothing was answered confirms only itself. nullopt: nothing.
std::optional<Standing> confirmed(const Standing& stored, const Standing& before,
                                  const Standing& now);

/// Each fault that is new is told by itself, as bad as it is: another one would hide it else.
/// Beside what has become better as a whole it is told besides, unless it is the worst of what is
/// left. `seen`: in the order to tell them.
std::vector<Transition> told_one_by_one(const Transition& whole, const std::vector<Fault>& seen);

}  // namespace maildiag::watch
