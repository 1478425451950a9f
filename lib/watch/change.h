/// What has changed between two standings of one thing.
#pragma once

#include <optional>

#include "watch/item.h"

namespace maildiag::watch {

/// 0 ok and info, 1 warning, 2 unknown, 3 critical: grows with what it means.
int rank(Severity severity);

/// What is in order is so with and without a note.
bool is_same(const Standing& from, const Standing& to);

/// found, baseline and heartbeat are none.
Change change_between(const Standing& from, const Standing& to);

/// Whether the runs that saw `before` and `now` confirm each other, where `stored` is remembered:
/// that it changed for the worse or the better, if not what it is to. That nothing was answered
/// confirms only itself.
bool confirm_each_other(const Standing& stored, const Standing& before, const Standing& now);

}  // namespace maildiag::watch
