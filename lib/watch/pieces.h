/// What one look at a check with parts says of each of its faults.
#pragma once

#include <optional>
#include <vector>

#include "watch/advance.h"

namespace maildiag::watch {

struct Piece {
  Observation seen;            ///< without parts
  std::optional<Item> stored;  ///< what it is to be compared with
};

/// The check as a whole (its key has no fault), then each fault that was seen, each silence, and
/// what is remembered and was not seen: gone, or without an answer where Parts::hides() says so.
/// An observation without parts is the only piece.
std::vector<Piece> pieces_of(const Items& remembered, const Observation& seen);

/// A fault that is neither bad nor on its way to be told: nothing to be remembered.
bool is_over(const Key& key, const Item& item);

}  // namespace maildiag::watch
