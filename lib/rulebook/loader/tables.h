/// All tables of a rulebook: the compiled-in ones, or those merged with a user's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "rulebook/rulebook.h"

namespace maildiag::rulebook {

/// Sorted by id; lists, selectors, requirements and registries in the order of the files.
struct Tables {
  std::span<const Provider> providers;
  std::span<const Rule> rules;
  std::span<const std::uint16_t> rule_order;  ///< indices of rules, the winning ones first
  std::span<const Cause> causes;
  std::span<const FindingText> finding_texts;
  std::span<const DnsList> lists;
  std::span<const DkimSelector> dkim_selectors;
  std::span<const Requirement> requirements;
  std::span<const Registry> registries;
  std::span<const Label> labels;
};

/// The shipped rules; constant data written by the build's generator.
Tables compiled_tables();

/// Bounds rule_order's type and the memory that a directory of rules may take.
inline constexpr std::size_t max_rules = 10'000;

/// The order in which rules win, whatever the reply: by level (provider's own code, provider's or
/// list's phrase, MTA's phrase, phrase without provider, status, reply code), then more guards,
/// then more literal characters, then a narrower status, then a user's own rule, then the id.
/// REQUIRES: rules.size() <= max_rules, providers sorted by id.
std::vector<std::uint16_t> winning_order(std::span<const Rule> rules,
                                         std::span<const Provider> providers);

/// Binary search in a table sorted by id; nullptr: none.
template <class T>
const T* find_by_id(std::span<const T> table, std::string_view id) {
  const auto found =
      std::lower_bound(table.begin(), table.end(), id,
                       [](const T& entry, std::string_view wanted) { return entry.id < wanted; });
  return found != table.end() && found->id == id ? &*found : nullptr;
}

}  // namespace maildiag::rulebook
