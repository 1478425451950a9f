/// The shipped rules as constant data; the definitions are written by the build (generator/).
#pragma once

#include <cstdint>
#include <span>

#include "rulebook/rulebook.h"

namespace maildiag::rulebook::compiled {

extern const std::span<const Provider> providers;
extern const std::span<const Rule> rules;
extern const std::span<const std::uint16_t> rule_order;
extern const std::span<const Cause> causes;
extern const std::span<const FindingText> finding_texts;
extern const std::span<const DnsList> lists;
extern const std::span<const DkimSelector> dkim_selectors;
extern const std::span<const Requirement> requirements;
extern const std::span<const Registry> registries;
extern const std::span<const Label> labels;

}  // namespace maildiag::rulebook::compiled
