/// What is doubtful about rules that load: they work, but not as their author thinks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rulebook/rulebook.h"

namespace maildiag::rulebook {

/// unreachable: it can never win. no_korean, no_example. no_literal: its pattern demands no fixed
/// words. bad_link: a link that cannot work, by its shape.
enum class LintKind { unreachable, no_korean, no_example, no_literal, bad_link };
std::string_view to_string(LintKind kind);

struct LintFault {
  const Rule* rule = nullptr;
  LintKind kind = LintKind::unreachable;
  std::string detail;  ///< the winner, the key or the link
};

/// In the order of the rules' ids. `parse`: see test_examples().
std::vector<LintFault> lint(const Rulebook& rulebook, const ParseExample& parse);

/// "https://host.example/path": http or https, a public host name, nothing that a reader's browser
/// would choke on.
bool is_good_link(std::string_view link);

}  // namespace maildiag::rulebook
