#include <fmt/format.h>

#include "rulebook/loader/readers.h"

namespace maildiag::rulebook {
namespace {

void check_rules(const Shelves& shelves, Faults& faults) {
  for (const auto& [rule, origin, layer] : shelves.rules.entries()) {
    const auto fault = [&faults, id = rule.id, from = rule.origin](const std::string& message) {
      faults.add(fmt::format("{}: rule `{}`: {}", from, id, message));
    };
    if (shelves.causes.find(rule.cause) == nullptr) {
      fault(fmt::format("unknown cause `{}`; take one of causes.toml or add a [[cause]]",
                        rule.cause));
    }
    if (rule.provider.empty()) continue;
    const Provider* provider = shelves.providers.find(rule.provider);
    if (provider == nullptr) {
      fault(fmt::format("unknown provider `{}`; add a [[provider]] table with this id",
                        rule.provider));
    } else if (rule.from_provider && provider->mx.empty() && provider->domains.empty()) {
      fault(fmt::format("from_provider needs `mx` or `domains` in provider `{}`", rule.provider));
    }
  }
}

void check_causes(const Shelves& shelves, Faults& faults) {
  for (const auto& [cause, origin, layer] : shelves.causes.entries()) {
    if (!cause.refines.empty() && shelves.causes.find(cause.refines) == nullptr) {
      faults.add(fmt::format("{}: cause `{}`: refines an unknown cause `{}`", origin, cause.id,
                             cause.refines));
    }
    for (const auto& ids : {cause.confirmed_by, cause.confirmed_when_named, cause.refuted_by,
                            cause.inconclusive_by, cause.advised_by}) {
      for (const auto id : ids) {
        if (shelves.finding_texts.find(id) != nullptr) continue;
        faults.add(fmt::format("{}: cause `{}`: unknown finding `{}`; take one of findings/*.toml",
                               origin, cause.id, id));
      }
    }
    for (const auto entry : cause.reputation) {
      const auto id = fmt::format("reputation.{}", entry);
      if (entry == of_provider || shelves.finding_texts.find(id) != nullptr) continue;
      faults.add(
          fmt::format("{}: cause `{}`: there is no entry `{}`; take \"{}\" or one of "
                      "findings/reputation.toml",
                      origin, cause.id, id, of_provider));
    }
  }
}

void check_requirements(const Shelves& shelves, Faults& faults) {
  for (const auto& [requirement, origin, layer] : shelves.requirements.entries()) {
    if (shelves.providers.find(requirement.provider) != nullptr) continue;
    faults.add(fmt::format(
        "{}: requirement `{}`: unknown provider `{}`; add a [[provider]] table with this id",
        origin, requirement.id, requirement.provider));
  }
}

}  // namespace

void check_references(const Shelves& shelves, Faults& faults) {
  check_rules(shelves, faults);
  check_causes(shelves, faults);
  check_requirements(shelves, faults);
}

}  // namespace maildiag::rulebook
