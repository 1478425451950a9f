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

bool can_be_asked(const rulebook::DnsList& list, const checks::DnsblTarget& target) {
  const auto* ip = std::get_if<IpAddress>(&target);
  const bool serves = ip == nullptr ? list.domain : ip->is_v4() ? list.ip4 : list.ip6;
  return serves && list.list_class != "retired" && list.zone.find('{') == std::string_view::npos;
}

}  // namespace

bool same_list(std::string_view name, std::string_view zone) {
  const auto a = DomainName::from_user(name), b = DomainName::from_user(zone);
  if (!a || !b || a->label_count() < 2 || b->label_count() < 2) return false;
  return operator_domain(*a) == operator_domain(*b);
}

std::vector<std::string> lists_named(const rulebook::Rulebook& rulebook, std::string_view name,
                                     const checks::DnsblTarget& target) {
  if (name.empty()) return {};
  std::vector<std::string> exact, enabled, others;
  for (const auto& list : rulebook.lists()) {
    if (!can_be_asked(list, target) || !same_list(name, list.zone)) continue;
    if (name == list.zone) exact.emplace_back(list.zone);
    (list.enabled ? enabled : others).emplace_back(list.zone);
  }
  // An operator's aggregate stands for its parts: a part that is off by default is asked only by
  // its exact name, or where the operator has nothing that is on.
  if (!exact.empty()) return exact;
  return enabled.empty() ? others : enabled;
}

}  // namespace maildiag::diagnose
