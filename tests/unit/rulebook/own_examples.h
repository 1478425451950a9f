/// Examples of a user's rules, without the work that the thousands of shipped ones make.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "rulebook/rulebook.h"

namespace maildiag::test {

/// For test_examples() and lint(): reads the examples of the user's rules as text without a code,
/// and the shipped ones as nothing: unit/diagnose tries those.
inline std::function<rulebook::ExampleReply(std::string_view)> own_examples_only(
    const rulebook::Rulebook& rulebook) {
  std::set<std::string, std::less<>> own;
  for (const auto& rule : rulebook.rules()) {
    if (rule.layer == 0) continue;
    own.insert(rule.examples.begin(), rule.examples.end());
    own.insert(rule.not_examples.begin(), rule.not_examples.end());
  }
  return [own = std::move(own)](std::string_view example) {
    return own.contains(example) ? rulebook::ExampleReply{0, {}, std::string(example)}
                                 : rulebook::ExampleReply{};
  };
}

}  // namespace maildiag::test
