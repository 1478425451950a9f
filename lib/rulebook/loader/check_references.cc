#include <fmt/format.h>

#include "rulebook/loader/readers.h"

namespace maildiag::rulebook {
namespace {

/// "FILE:LINE: rule `id`: sentence"
template <class... Arguments>
Error fault_of(std::string_view origin, std::string_view kind, std::string_view id,
               fmt::format_string<const Arguments&...> sentence, const Arguments&... arguments) {
  return at_place(fmt::format("{}: {} `{}`", origin, kind, id),
                  make_error<Arguments...>(ErrorCode::configuration, sentence, arguments...));
}

void check_rules(const Shelves& shelves, Faults& faults) {
  for (const auto& [rule, origin, layer] : shelves.rules.entries()) {
    if (shelves.causes.find(rule.cause) == nullptr) {
      faults.add(fault_of(rule.origin, "rule", rule.id,
                          "unknown cause `{}`; take one of causes.toml or add a [[cause]]",
                          rule.cause));
    }
    if (rule.provider.empty()) continue;
    const Provider* provider = shelves.providers.find(rule.provider);
    if (provider == nullptr) {
      faults.add(fault_of(rule.origin, "rule", rule.id,
                          "unknown provider `{}`; add a [[provider]] table with this id",
                          rule.provider));
    } else if (rule.from_provider && provider->mx.empty() && provider->domains.empty()) {
      faults.add(fault_of(rule.origin, "rule", rule.id,
                          "from_provider needs `mx` or `domains` in provider `{}`", rule.provider));
    }
  }
}

void check_causes(const Shelves& shelves, Faults& faults) {
  for (const auto& [cause, origin, layer] : shelves.causes.entries()) {
    if (!cause.refines.empty() && shelves.causes.find(cause.refines) == nullptr) {
      faults.add(
          fault_of(origin, "cause", cause.id, "refines an unknown cause `{}`", cause.refines));
    }
    for (const auto& ids : {cause.confirmed_by, cause.confirmed_when_named, cause.refuted_by,
                            cause.inconclusive_by, cause.advised_by}) {
      for (const auto id : ids) {
        if (shelves.finding_texts.find(id) != nullptr) continue;
        faults.add(fault_of(origin, "cause", cause.id,
                            "unknown finding `{}`; take one of findings/*.toml", id));
      }
    }
    for (const auto entry : cause.reputation) {
      const auto id = fmt::format("reputation.{}", entry);
      if (entry == of_provider || shelves.finding_texts.find(id) != nullptr) continue;
      faults.add(fault_of(origin, "cause", cause.id,
                          "there is no entry `{}`; take \"{}\" or one of findings/reputation.toml",
                          id, of_provider));
    }
  }
}

void check_requirements(const Shelves& shelves, Faults& faults) {
  for (const auto& [requirement, origin, layer] : shelves.requirements.entries()) {
    if (shelves.providers.find(requirement.provider) != nullptr) continue;
    faults.add(fault_of(origin, "requirement", requirement.id,
                        "unknown provider `{}`; add a [[provider]] table with this id",
                        requirement.provider));
  }
}

}  // namespace

void check_references(const Shelves& shelves, Faults& faults) {
  check_rules(shelves, faults);
  check_causes(shelves, faults);
  check_requirements(shelves, faults);
}

}  // namespace maildiag::rulebook
