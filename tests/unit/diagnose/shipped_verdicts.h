/// The causes of rules/causes.toml against the tables of tests/data, which say the same a second
/// time: who changes a verdict has to say so twice.
#pragma once

#include <string>
#include <vector>

#include "rulebook/rulebook.h"

namespace maildiag::test {

/// The cells of a table of tests/data, a row each, without its comments.
std::vector<std::vector<std::string>> table_rows(const std::string& name);

/// verdicts.tsv: what each finding alone says of each cause.
std::vector<std::string> verdict_faults(const rulebook::Rulebook& book);

/// verdicts.tsv has each rule, and no other.
std::vector<std::string> unknown_rule_faults(const rulebook::Rulebook& book);

/// cause_checks.tsv: the checks that each cause asks for.
std::vector<std::string> cause_check_faults(const rulebook::Rulebook& book);

/// In which order other causes are offered, and which cause is a narrower name for another.
std::vector<std::string> order_faults(const rulebook::Rulebook& book);

}  // namespace maildiag::test
