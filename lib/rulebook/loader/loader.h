/// Reads directories of rules on top of each other and checks the whole.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "rulebook/loader/arena.h"
#include "rulebook/loader/tables.h"

namespace maildiag::rulebook {

/// A directory tree with more files is not one of rules.
inline constexpr std::size_t max_files = 1000;

/// Tables with the texts and arrays that they point to.
class Library {
 public:
  Tables tables() const {
    return {providers, rules,          rule_order,   causes,     finding_texts,
            lists,     dkim_selectors, requirements, registries, labels};
  }

  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
  std::vector<Provider> providers;
  std::vector<Rule> rules;
  std::vector<std::uint16_t> rule_order;
  std::vector<Cause> causes;
  std::vector<FindingText> finding_texts;
  std::vector<DnsList> lists;
  std::vector<DkimSelector> dkim_selectors;
  std::vector<Requirement> requirements;
  std::vector<Registry> registries;
  std::vector<Label> labels;
};

struct RuleDirectory {
  std::string path;
  std::string shown;  ///< what messages call it
  int layer =
      1;  ///< 0: the shipped rules, which must be complete in both languages and have examples
};

/// Every *.toml below each directory, by name, on top of `base`. Any file may hold any kind of
/// table. configuration: the first fault as "FILE:LINE: rule `id`: message".
Result<Library> load_directories(const Tables& base, const std::vector<RuleDirectory>& directories);

}  // namespace maildiag::rulebook
