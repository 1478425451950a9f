#include "diagnose/list_names.h"

#include <algorithm>

#include "core/domain_name.h"

namespace maildiag::diagnose {

namespace {

/// A registry that sells third-level names: two labels do not make an operator ("or.kr").
bool is_registry(const DomainName& domain) {
  const auto labels = domain.labels();
  return labels.size() == 2 && labels[0].size() <= 3 && labels[1].size() == 2;
}

DomainName operator_domain(const DomainName& name) {
  const auto two = name.suffix(2);
  return is_registry(two) ? name.suffix(3) : two;
}

}  // namespace

bool same_list(std::string_view name, std::string_view zone) {
  const auto a = DomainName::from_user(name), b = DomainName::from_user(zone);
  if (!a || !b || a->label_count() < 2 || b->label_count() < 2) return false;
  return operator_domain(*a) == operator_domain(*b);
}

std::vector<std::string> lists_named(const rulebook::Rulebook& rulebook, std::string_view name,
                                     const checks::DnsblTarget& target) {
  std::vector<std::string> zones;
  const auto* ip = std::get_if<IpAddress>(&target);
  for (const auto& list : rulebook.lists()) {
    const bool serves = ip == nullptr ? list.domain : ip->is_v4() ? list.ip4 : list.ip6;
    const bool askable =
        list.list_class != "retired" && list.zone.find('{') == std::string_view::npos;
    // An operator's aggregate stands for its parts: only an exact name asks a part that is off by
    // default.
    const bool exact = name == list.zone;
    if (serves && askable && (exact || (list.enabled && same_list(name, list.zone))))
      zones.emplace_back(list.zone);
  }
  if (!zones.empty() || name.empty()) return zones;
  for (const auto& list : rulebook.lists()) {
    const bool serves = ip == nullptr ? list.domain : ip->is_v4() ? list.ip4 : list.ip6;
    const bool askable =
        list.list_class != "retired" && list.zone.find('{') == std::string_view::npos;
    if (serves && askable && same_list(name, list.zone)) zones.emplace_back(list.zone);
  }
  return zones;
}

}  // namespace maildiag::diagnose
