#include "checks/list_choice.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "checks/list_access.h"
#include "core/secret_mask.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

constexpr std::string_view placeholder = "{key}";

bool is_keyed(const rulebook::DnsList& list) {
  return list.zone.find(placeholder) != std::string_view::npos;
}

bool is_askable(const rulebook::DnsList& list) {
  return list.ip4 || list.ip6 || list.domain;
}

bool serves_kind(const rulebook::DnsList& list, TargetKind kind) {
  switch (kind) {
    case TargetKind::ip4:
      return list.ip4;
    case TargetKind::ip6:
      return list.ip6;
    case TargetKind::domain:
      break;
  }
  return list.domain;
}

std::string zone_with(const rulebook::DnsList& list, std::string_view key) {
  std::string zone(list.zone);
  if (const auto at = zone.find(placeholder); at != std::string::npos)
    zone.replace(at, placeholder.size(), key);
  return zone;
}

/// How a user may name a keyed list: with the placeholder, without it, or with a key of his own in
/// its place, which is returned.
bool names_list(std::string_view zone, const rulebook::DnsList& list, std::string_view& key) {
  key = {};
  if (text::equals_ignore_case(zone, list.zone)) return true;
  if (!list.zone.starts_with(placeholder) || list.zone.size() <= placeholder.size() + 1)
    return false;
  const auto tail = list.zone.substr(placeholder.size() + 1);
  if (text::equals_ignore_case(zone, tail)) return true;
  const auto dot = zone.find('.');
  if (dot == std::string_view::npos || !text::equals_ignore_case(zone.substr(dot + 1), tail))
    return false;
  key = zone.substr(0, dot);
  return true;
}

/// "KEY.sbl.dq.spamhaus.net" beside "{key}.zen.dq.spamhaus.net": a list of the same operator that
/// no list file describes. Its key, or nothing.
std::string_view key_beside(std::string_view zone, const rulebook::DnsList& list) {
  if (!list.zone.starts_with(placeholder)) return {};
  const auto dot = zone.find('.'), second = zone.find('.', dot + 1);
  const auto tail = list.zone.find('.', placeholder.size() + 1);
  if (dot == std::string_view::npos || second == std::string_view::npos ||
      tail == std::string_view::npos || list.zone.find('.', tail + 1) == std::string_view::npos ||
      !text::equals_ignore_case(zone.substr(second), list.zone.substr(tail)))
    return {};
  return zone.substr(0, dot);
}

/// FNV-1a, folded to 32 bits: tells keys apart and gives none away.
std::uint32_t fingerprint_of(std::string_view key) {
  std::uint64_t value = 1469598103934665603ULL;
  for (const char octet : key)
    value = (value ^ static_cast<unsigned char>(octet)) * 1099511628211ULL;
  return static_cast<std::uint32_t>(value ^ value >> 32U);
}

}  // namespace

TargetKind kind_of(const DnsblTarget& target) {
  const auto* ip = std::get_if<IpAddress>(&target);
  if (ip == nullptr) return TargetKind::domain;
  return ip->is_v4() ? TargetKind::ip4 : TargetKind::ip6;
}

std::string_view to_string(TargetKind kind) {
  switch (kind) {
    case TargetKind::ip4:
      return "ip4";
    case TargetKind::ip6:
      return "ip6";
    case TargetKind::domain:
      break;
  }
  return "domain";
}

std::string masked_zone(const rulebook::DnsList& list) {
  return zone_with(list, masked_secret);
}

bool AskedList::serves(TargetKind kind) const {
  return serves_kind(*list, kind);
}

ListChoice::ListChoice(const rulebook::Rulebook& rulebook, const ListAccess* access,
                       const std::vector<std::string>& only)
    : access_(access), named_(!only.empty()) {
  for (const auto& zone : only) add_named(rulebook, zone);
  if (named_) return;
  if (access_ != nullptr && !access_->default_zones.empty()) {
    for (const auto& zone : access_->default_zones) add_named(rulebook, zone);
    return;
  }
  for (const auto& list : rulebook.lists()) add_default(list);
}

void ListChoice::add_default(const rulebook::DnsList& list) {
  if (!list.enabled) return;
  const auto key = key_of(list);
  if (!is_keyed(list) || !key.empty()) add(list, key);
}

void ListChoice::add_named(const rulebook::Rulebook& rulebook, const std::string& text) {
  // As the list files write them: a final dot must not make a list, and its key, unknown.
  const auto name = DomainName::from_user(text);
  const auto zone = name ? name->key() : text;
  std::string_view given;
  const auto lists = rulebook.lists();
  // An exact name before one that only fits a keyed list's pattern.
  auto known = std::find_if(lists.begin(), lists.end(), [&zone](const rulebook::DnsList& list) {
    return text::equals_ignore_case(list.zone, zone);
  });
  if (known == lists.end())
    known = std::find_if(
        lists.begin(), lists.end(),
        [&zone, &given](const rulebook::DnsList& list) { return names_list(zone, list, given); });
  if (known == lists.end()) {
    for (const auto& list : lists) {
      if (given.empty()) given = key_beside(zone, list);
    }
    return add_plain(zone, given);
  }
  if (!given.empty()) given_keys_.emplace_back(given);
  const auto key = given.empty() ? key_of(*known) : given;
  if (known->list_class == "retired") {
    skipped_.push_back({&*known, "dnsbl.reason.retired"});
  } else if (!is_askable(*known)) {
    skipped_.push_back({&*known, "dnsbl.reason.not-queryable"});
  } else if (is_keyed(*known) && key.empty()) {
    skipped_.push_back({&*known, "dnsbl.reason.no-key"});
  } else {
    add(*known, key);
  }
}

void ListChoice::add(const rulebook::DnsList& list, std::string_view key, bool plain) {
  auto zone = DomainName::parse(zone_with(list, key));
  if (!zone) return skipped_.push_back({&list, "dnsbl.reason.name-too-long"});
  const auto shown = masked_zone(list);
  auto fingerprint = key.empty() ? shown : fmt::format("{}#{:08x}", shown, fingerprint_of(key));
  lists_.push_back({&list, std::move(*zone), shown, std::move(fingerprint), plain});
}

/// RFC 5782's rules and nothing else: any 127/8 answer but the customary error codes lists. It may
/// be a list of addresses or of domains; each has test entries of its own.
void ListChoice::add_plain(const std::string& zone, std::string_view key) {
  static constexpr rulebook::ListCode any{"127.*.*.*", 0, "", "", {}};
  static constexpr rulebook::ListCode refused{"127.255.255.*", 0, "", "refused", {}};
  if (!key.empty()) given_keys_.emplace_back(key);
  own_zones_.push_back(key.empty() ? zone
                                   : fmt::format("{}{}", placeholder, zone.substr(key.size())));
  for (const bool domain : {false, true}) {
    auto& list = own_lists_.emplace_back();
    list.zone = own_zones_.back();
    list.name = own_names_.emplace_back(masked_zone(list));
    list.ip4 = list.ip6 = !domain;
    list.domain = domain;
    list.list_class = "block";
    // Whoever names a list wants to hear of its listings as of any block list's.
    list.weight = "critical";
    list.codes = {&any, 1};
    list.errors = {&refused, 1};
    list.test_listed = domain ? "test" : "127.0.0.2";
    list.test_clean = domain ? "invalid" : "127.0.0.1";
    list.test_listed6 = "::FFFF:7F00:2";
    add(list, key, true);
  }
}

std::string_view ListChoice::key_of(const rulebook::DnsList& list) const {
  if (access_ == nullptr || list.key.empty()) return {};
  const auto found = access_->keys.find(list.key);
  return found == access_->keys.end() ? std::string_view() : std::string_view(found->second);
}

bool ListChoice::any_serves(TargetKind kind) const {
  return std::any_of(lists_.begin(), lists_.end(),
                     [kind](const AskedList& each) { return each.serves(kind); });
}

std::vector<ListResult> ListChoice::skipped(TargetKind kind) const {
  std::vector<ListResult> results;
  const auto skip = [&results](const rulebook::DnsList& list, const char* reason) {
    auto& result = results.emplace_back();
    result.list = &list;
    result.zone = masked_zone(list);
    result.state = ListState::skipped;
    result.reason = reason;
  };
  for (const auto& each : skipped_) skip(*each.list, each.reason);
  if (!named_) return results;
  for (const auto& each : lists_) {
    if (each.plain || each.serves(kind)) continue;  // an unknown zone has a form for either kind
    skip(*each.list,
         kind == TargetKind::domain ? reason_not_for_domains : reason_not_for_addresses);
  }
  return results;
}

}  // namespace maildiag::checks
