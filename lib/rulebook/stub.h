/// A rule to begin with, for a reply that no rule knows.
#pragma once

#include <string>
#include <string_view>

#include "rulebook/rulebook.h"

namespace maildiag::rulebook {

/// A [[rule]] table that loads, and whose example it wins where no better rule knows it: the
/// reply's words with its addresses and numbers left open. `cause` and `meaning` are for its user
/// to choose. `text`: see bounce::Reply::text. Empty where the reply has neither words nor codes.
std::string rule_stub(int code, std::string_view status, std::string_view text,
                      const Text& meaning);

}  // namespace maildiag::rulebook
