#include "checks/whois_rdap.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::checks::whois {

namespace {

/// Entities inside entities, and of all that are looked at: real answers have two and a dozen.
constexpr int max_entity_depth = 4;
constexpr std::size_t max_entities = 200;

struct Entity {
  const Value* object = nullptr;
  bool inside_registrar = false;

  bool has_role(std::string_view role) const {
    const auto& roles = (*object)["roles"].as_array();
    return std::any_of(roles.begin(), roles.end(), [role](const Value& each) {
      return text::equals_ignore_case(each.as_string(), role);
    });
  }
};

void collect(const Value& object, bool inside_registrar, int depth, std::vector<Entity>& found) {
  if (depth > max_entity_depth) return;
  for (const auto& each : object["entities"].as_array()) {
    if (found.size() >= max_entities) return;
    found.push_back({&each, inside_registrar});
    const bool registrar = found.back().has_role("registrar");
    collect(each, inside_registrar || registrar, depth + 1, found);
  }
}

/// The first value of a property of a jCard (RFC 7095 section 3.3); "" where there is none.
std::string card_text(const Value& entity, std::string_view property) {
  const auto& card = entity["vcardArray"].as_array();
  if (card.size() < 2) return {};
  for (const auto& line : card[1].as_array()) {
    const auto& parts = line.as_array();
    if (parts.size() < 4 || !text::equals_ignore_case(parts[0].as_string(), property)) continue;
    const auto& value = parts[3];
    const auto& text = value.is_array() && !value.as_array().empty()
                           ? value.as_array().front().as_string()
                           : value.as_string();
    if (!text.empty()) return text;
  }
  return {};
}

bool is_person(const Value& entity) {
  return text::equals_ignore_case(card_text(entity, "kind"), "individual");
}

Contact contact_of(const Value& entity) {
  auto phone = clean_text(card_text(entity, "tel"));
  constexpr std::string_view scheme = "tel:";
  if (text::starts_with_ignore_case(phone, scheme)) phone.erase(0, scheme.size());
  return {clean_text(card_text(entity, "fn")), clean_email(card_text(entity, "email")), phone};
}

/// The first contact of this role that can be reached; persons only where `persons`.
Contact find_contact(const std::vector<Entity>& entities, std::string_view role, bool persons) {
  for (const auto& entity : entities) {
    if (!entity.has_role(role) || (!persons && is_person(*entity.object))) continue;
    auto contact = contact_of(*entity.object);
    if (!contact.empty()) return contact;
  }
  return {};
}

void read_events(const Value& object, Registration& found) {
  for (const auto& event : object["events"].as_array()) {
    const auto action = text::ascii_lower(event["eventAction"].as_string());
    const auto& text = event["eventDate"].as_string();
    const auto date = registry_date(text);
    if (!date) continue;
    if (action == "registration" && !found.registered) found.registered = date;
    if (action == "last changed" && !found.changed) found.changed = date;
    if (action == "expiration" && !found.expires) found.expires = registry_deadline(text);
  }
}

void read_common(const Value& object, const std::vector<Entity>& entities, Registration& found) {
  found.handle = clean_text(object["handle"].as_string());
  found.country = clean_text(object["country"].as_string());
  found.type = clean_text(object["type"].as_string());
  read_events(object, found);
  for (const auto& status : object["status"].as_array()) {
    if (found.status.size() < max_texts) found.status.push_back(status_words(status.as_string()));
  }
  found.abuse = find_contact(entities, "abuse", true);
}

void read_domain(const Value& object, const std::vector<Entity>& entities, Registration& found) {
  found.name = text::ascii_lower(clean_text(object["ldhName"].as_string()));
  for (const auto& server : object["nameservers"].as_array()) {
    if (found.name_servers.size() < max_texts)
      found.name_servers.push_back(text::ascii_lower(clean_text(server["ldhName"].as_string())));
  }
  const auto& is_signed = object["secureDNS"]["delegationSigned"];
  if (is_signed.is_bool()) found.is_signed = is_signed.as_bool();
  for (const auto& entity : entities) {
    if (!entity.has_role("registrar") && !entity.has_role("sponsor")) continue;
    found.registrar = clean_text(card_text(*entity.object, "fn"));
    if (found.registrar.empty()) found.registrar = clean_text(card_text(*entity.object, "org"));
    for (const auto& id : (*entity.object)["publicIds"].as_array()) {
      if (text::contains_ignore_case(id["type"].as_string(), "registrar"))
        found.registrar_id = clean_text(id["identifier"].as_string());
    }
    break;
  }
  // The registrar's desk, not that of a reseller or of the domain's owner.
  for (const auto& entity : entities) {
    if (!entity.inside_registrar || !entity.has_role("abuse")) continue;
    if (auto contact = contact_of(*entity.object); !contact.empty()) {
      found.abuse = std::move(contact);
      break;
    }
  }
}

/// Networks are held by organisations; the registrant that is a "person" is mostly a maintainer.
std::string holder_of(const Value& object, const std::vector<Entity>& entities) {
  for (const auto& entity : entities) {
    if (!entity.has_role("registrant") || is_person(*entity.object)) continue;
    auto name = clean_text(card_text(*entity.object, "fn"));
    if (name.empty()) name = clean_text(card_text(*entity.object, "org"));
    if (!name.empty()) return name;
  }
  // APNIC and its national registries: the first line of the description.
  for (const auto& remark : object["remarks"].as_array()) {
    const auto& lines = remark["description"].as_array();
    if (text::equals_ignore_case(remark["title"].as_string(), "description") && !lines.empty())
      return clean_text(lines.front().as_string());
  }
  return {};
}

void read_network(const Value& object, const std::vector<Entity>& entities, Registration& found) {
  found.name = clean_text(object["name"].as_string());
  const auto& first = object["startAddress"].as_string();
  const auto& last = object["endAddress"].as_string();
  if (!first.empty() && !last.empty())
    found.range = clean_text(fmt::format("{} - {}", first, last));
  for (const auto& prefix : object["cidr0_cidrs"].as_array()) {
    auto address = prefix["v4prefix"].as_string();
    if (address.empty()) address = prefix["v6prefix"].as_string();
    const auto text = fmt::format("{}/{}", clean_text(address), prefix["length"].as_integer());
    if (found.networks.size() < max_texts && IpNetwork::parse(text)) found.networks.push_back(text);
  }
  found.holder = holder_of(object, entities);
  found.technical = find_contact(entities, "technical", false);
  if (found.technical.empty()) found.technical = find_contact(entities, "noc", false);
}

void read_as(const Value& object, const std::vector<Entity>& entities, Registration& found) {
  found.name = clean_text(object["name"].as_string());
  if (object["startAutnum"].is_integer())
    found.range = fmt::format("AS{} - AS{}", object["startAutnum"].as_integer(),
                              object["endAutnum"].as_integer());
  found.holder = holder_of(object, entities);
  found.technical = find_contact(entities, "technical", false);
}

}  // namespace

std::optional<Registration> read_rdap(const Value& object, const Target& target) {
  const auto object_class = text::ascii_lower(object["objectClassName"].as_string());
  Registration found;
  found.kind = kind_of(target);
  std::vector<Entity> entities;
  collect(object, false, 1, entities);
  read_common(object, entities, found);
  if (std::holds_alternative<DomainName>(target)) {
    if (object_class != "domain") return std::nullopt;
    read_domain(object, entities, found);
    if (!found.name.empty() && found.name != to_string(target)) return std::nullopt;
    found.name = to_string(target);
  } else if (std::holds_alternative<AsNumber>(target)) {
    if (object_class != "autnum") return std::nullopt;
    read_as(object, entities, found);
    if (is_elsewhere(found.range, target)) return std::nullopt;
  } else {
    if (object_class != "ip network") return std::nullopt;
    read_network(object, entities, found);
    if (is_elsewhere(found.range, target)) return std::nullopt;
  }
  return found;
}

std::string rdap_path(const Target& target) {
  if (std::holds_alternative<DomainName>(target)) return "domain/" + to_string(target);
  if (const auto* number = std::get_if<AsNumber>(&target))
    return fmt::format("autnum/{}", number->value);
  return "ip/" + to_string(target);
}

}  // namespace maildiag::checks::whois
