#include "checks/whois_servers.h"

#include <algorithm>
#include <limits>

#include "checks/whois_url.h"
#include "core/json_parse.h"
#include "core/text.h"

namespace maildiag::checks::whois {

namespace {

constexpr std::size_t max_entries = 20'000;  // of the root's 1,500 domains and 300 networks

/// How exactly an entry names the target; nullopt: not at all. More is better.
using Match = std::optional<std::uint64_t>;

Match match(const IpNetwork& network, const Target& target) {
  const auto* wanted = std::get_if<IpNetwork>(&target);
  if (wanted == nullptr || network.address().family() != wanted->address().family() ||
      network.prefix() > wanted->prefix() || !network.contains(wanted->address()))
    return std::nullopt;
  return network.prefix();
}

Match match(const AsRange& range, const Target& target) {
  const auto* wanted = std::get_if<AsNumber>(&target);
  if (wanted == nullptr || wanted->value < range.first || wanted->value > range.last)
    return std::nullopt;
  return std::numeric_limits<std::uint32_t>::max() - (range.last - range.first);
}

Match match(const DomainName& domain, const Target& target) {
  const auto* wanted = std::get_if<DomainName>(&target);
  // A top-level domain itself is registered in the root.
  if (wanted == nullptr || !wanted->is_under(domain) || *wanted == domain) return std::nullopt;
  return domain.label_count();
}

Match best_match(const rulebook::Registry& registry, const Target& target) {
  Match best;
  const auto look = [&best, &target](const auto& entry) {
    if (!entry) return;
    if (const auto found = match(*entry, target); found && (!best || *found > *best)) best = found;
  };
  for (const auto text : registry.networks) look(IpNetwork::parse(text));
  for (const auto text : registry.as_numbers) look(parse_as_range(text));
  for (const auto text : registry.domains) look(DomainName::parse(text));
  return best;
}

std::string filled(std::string_view pattern, const Target& target) {
  const auto text = to_string(target);
  if (pattern.empty()) return text;
  return text::fill_template(
      pattern, [&text](std::string_view name) { return name == "target" ? &text : nullptr; });
}

std::string question_of(const rulebook::Registry& registry, const Target& target) {
  const bool as_number = std::holds_alternative<AsNumber>(target);
  return filled(as_number ? registry.as_question : registry.question, target);
}

const rulebook::Registry* registry_at(const rulebook::Rulebook& rulebook,
                                      const DomainName& server) {
  const auto registries = rulebook.registries();
  const auto found =
      std::find_if(registries.begin(), registries.end(), [&server](const auto& registry) {
        return !registry.whois.empty() && registry.whois == server.key();
      });
  return found == registries.end() ? nullptr : &*found;
}

/// Where a server is asked for that no row names.
std::string root_server(const rulebook::Rulebook& rulebook) {
  for (const auto& registry : rulebook.registries()) {
    if (registry.id == "iana") return std::string(registry.whois);
  }
  return {};
}

/// The first https URL, as a base with a final slash; empty: none.
std::string first_https(const Value& urls) {
  for (const auto& each : urls.as_array()) {
    auto text = each.as_string();
    const auto url = HttpsUrl::parse(text);
    if (!url || text.find_first_of("?#") != std::string::npos) continue;
    if (text.back() != '/') text += '/';
    return text;
  }
  return {};
}

}  // namespace

std::string_view to_string(BootstrapFile file) {
  switch (file) {
    case BootstrapFile::dns:
      return "dns";
    case BootstrapFile::ipv4:
      return "ipv4";
    case BootstrapFile::ipv6:
      return "ipv6";
    case BootstrapFile::asn:
      break;
  }
  return "asn";
}

bool Bootstrap::add_entry(BootstrapFile file, const std::string& entry, const std::string& url) {
  if (size() >= max_entries) return false;
  if (file == BootstrapFile::dns) {
    const auto name = DomainName::from_user(entry);
    if (!name || name->is_root()) return false;
    return domains_.emplace(name->key(), url).second;
  }
  if (file == BootstrapFile::asn) {
    const auto range = parse_as_range(entry);
    if (range) as_ranges_.emplace_back(*range, url);
    return range.has_value();
  }
  const auto network = IpNetwork::parse(entry);
  if (!network || network->address().is_v4() != (file == BootstrapFile::ipv4)) return false;
  networks_.emplace_back(*network, url);
  return true;
}

Result<void> Bootstrap::add(BootstrapFile file, std::string_view json) {
  const auto document = parse_json(json.substr(0, max_bootstrap + 1));
  if (json.size() > max_bootstrap || !document || (*document)["version"].as_string() != "1.0" ||
      !(*document)["services"].is_array())
    return fail_with(ErrorCode::bad_data, "not a bootstrap file (RFC 9224)");
  bool any = false;
  for (const auto& service : (*document)["services"].as_array()) {
    const auto& parts = service.as_array();  // [entries, URLs]
    if (parts.size() != 2) continue;
    const auto url = first_https(parts[1]);
    if (url.empty()) continue;
    for (const auto& entry : parts[0].as_array()) {
      const bool added = add_entry(file, entry.as_string(), url);
      any = any || added;
    }
  }
  if (!any) return fail_with(ErrorCode::bad_data, "no entry of use (RFC 9224)");
  return {};
}

std::string Bootstrap::find(const Target& target) const {
  if (const auto* domain = std::get_if<DomainName>(&target)) {
    for (auto name = domain->parent(); !name.is_root(); name = name.parent()) {
      if (const auto found = domains_.find(name.key()); found != domains_.end())
        return found->second;
    }
    return {};
  }
  Match best;
  std::string url;
  const auto look = [&](const auto& entries) {
    for (const auto& [entry, base] : entries) {
      const auto found = match(entry, target);
      if (!found || (best && *found <= *best)) continue;
      best = found;
      url = base;
    }
  };
  look(networks_);
  look(as_ranges_);
  return url;
}

Servers find_servers(const rulebook::Rulebook& rulebook, const Bootstrap& refreshed,
                     const Target& target) {
  const rulebook::Registry* registry = nullptr;
  Match best;
  for (const auto& each : rulebook.registries()) {
    const auto found = best_match(each, target);
    if (!found || (best && *found <= *best)) continue;
    best = found;
    registry = &each;
  }
  Servers servers;
  servers.rdap = refreshed.find(target);
  servers.whois = root_server(rulebook);
  servers.question = to_string(target);
  if (registry == nullptr) return servers;
  servers.name = registry->name;
  if (servers.rdap.empty()) servers.rdap = registry->rdap;
  if (registry->whois.empty()) return servers;
  servers.whois = registry->whois;
  servers.question = question_of(*registry, target);
  servers.charset = registry->charset;
  return servers;
}

std::string question_for(const rulebook::Rulebook& rulebook, const DomainName& server,
                         const Target& target) {
  const auto* registry = registry_at(rulebook, server);
  return registry != nullptr ? question_of(*registry, target) : to_string(target);
}

std::string charset_of(const rulebook::Rulebook& rulebook, const DomainName& server) {
  const auto* registry = registry_at(rulebook, server);
  return registry != nullptr ? std::string(registry->charset) : std::string();
}

bool is_registry_host(const rulebook::Rulebook& rulebook, const DomainName& host) {
  for (const auto& registry : rulebook.registries()) {
    for (const auto suffix : registry.hosts) {
      const auto name = DomainName::parse(suffix);
      if (name && host.is_under(*name)) return true;
    }
  }
  return false;
}

}  // namespace maildiag::checks::whois
