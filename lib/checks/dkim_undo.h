/// Ways in which mail servers change a body, undone.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace maildiag::checks::dkim {

struct Undo {
  std::string_view id;  ///< the finding that tells of this change
  /// The whole body before the change; the same text where there is nothing to undo.
  std::string (*apply)(std::string_view body);
};
std::span<const Undo> undos();

}  // namespace maildiag::checks::dkim
