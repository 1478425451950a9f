/// Examples of a user's rules, without the work that the thousands of shipped ones make.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "rulebook/rulebook.h"

namespace maildiag::test {

/// For test_examples() and lint(): reads the examples of the user's rules as text without a code.
/// The shipped ones are not tried: unit/diagnose does that.
inline rulebook::ParseExample own_examples_only(const rulebook::Rulebook& rulebook) {
  std::set<std::string, std::less<>> own;
  for (const auto& rule : rulebook.rules()) {
    if (rule.layer == 0) continue;
    own.insert(rule.examples.begin(), rule.examples.end());
    own.insert(rule.not_examples.begin(), rule.not_examples.end());
  }
  return [own = std::move(own)](std::string_view example) -> std::optional<rulebook::ExampleReply> {
    if (!own.contains(example)) return std::nullopt;
    return rulebook::ExampleReply{0, {}, std::string(example)};
  };
}

}  // namespace maildiag::test
