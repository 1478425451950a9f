/// Whose server replied, by its name or by the recipient's domain.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "bounce/delivery_failure.h"
#include "rulebook/rulebook.h"

namespace maildiag::diagnose {

class ProviderIndex {
 public:
  /// The rulebook outlives it.
  explicit ProviderIndex(const rulebook::Rulebook& rulebook);

  /// The provider that owns the remote host or the recipient's domain, else the one whose words the
  /// rule knows, unless that is only a program; empty: unknown.
  std::string_view provider_of(const bounce::DeliveryFailure& failure,
                               const rulebook::Rule* rule) const;

 private:
  using Suffixes = std::unordered_map<std::string_view, std::string_view>;
  static std::string_view find(const Suffixes& suffixes, std::string_view host);

  const rulebook::Rulebook& rulebook_;
  Suffixes hosts_, domains_;
};

}  // namespace maildiag::diagnose
