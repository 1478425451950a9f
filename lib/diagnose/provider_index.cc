#include "diagnose/provider_index.h"

namespace maildiag::diagnose {

ProviderIndex::ProviderIndex(const rulebook::Rulebook& rulebook) : rulebook_(rulebook) {
  for (const auto& provider : rulebook.providers()) {
    for (const auto suffix : provider.mx) hosts_.emplace(suffix, provider.id);
    for (const auto suffix : provider.domains) domains_.emplace(suffix, provider.id);
  }
}

std::string_view ProviderIndex::find(const Suffixes& suffixes, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  while (!host.empty()) {
    if (const auto found = suffixes.find(host); found != suffixes.end()) return found->second;
    const auto dot = host.find('.');
    if (dot == std::string_view::npos) break;
    host.remove_prefix(dot + 1);
  }
  return {};
}

std::string_view ProviderIndex::provider_of(const bounce::DeliveryFailure& failure,
                                            const rulebook::Rule* rule) const {
  if (const auto owner = find(hosts_, failure.remote_host); !owner.empty()) return owner;
  if (const auto at = failure.recipient.rfind('@'); at != std::string::npos) {
    const auto owner = find(domains_, std::string_view(failure.recipient).substr(at + 1));
    if (!owner.empty()) return owner;
  }
  if (rule == nullptr || rule->provider.empty()) return {};
  const auto* provider = rulebook_.provider(rule->provider);
  return provider != nullptr && provider->kind != "mta" ? rule->provider : std::string_view();
}

}  // namespace maildiag::diagnose
