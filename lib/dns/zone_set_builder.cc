#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "dns/rdata.h"
#include "dns/zone_set.h"

namespace maildiag::dns {

namespace {

/// Names with the empty non-terminals above them: a million records with 120 labels each would make
/// a hundred million.
constexpr std::size_t max_names = 2'000'000;
/// Of all these names: two million of 30 octets, or fewer that are longer.
constexpr std::size_t max_name_octets = std::size_t{64} << 20U;

/// These stand beside a CNAME (RFC 4034 section 3 and 4; RFC 2181 section 10.1).
bool may_join_cname(RecordType type) {
  constexpr auto key = static_cast<RecordType>(25);
  return type == RecordType::rrsig || type == RecordType::nsec || type == key;
}

/// Equal records count once (RFC 2181 section 5). Names in them are compared as they are written.
void drop_duplicates(std::vector<ZoneRecord>& records) {
  if (records.size() < 2) return;
  std::unordered_set<std::string> seen;
  std::erase_if(records, [&](const ZoneRecord& record) {
    return !seen.insert(rdata_to_wire(record.data)).second;
  });
}

using NameSet = std::unordered_set<std::string, WireNameHash, std::equal_to<>>;

/// The longest suffix of `wire` in `apexes`.
std::optional<std::string_view> longest_suffix(std::string_view wire, const NameSet& apexes) {
  for (std::size_t at = 0;; at += static_cast<unsigned char>(wire[at]) + 1U) {
    if (apexes.contains(wire.substr(at))) return wire.substr(at);
    if (wire[at] == 0) return std::nullopt;
  }
}

}  // namespace

class ZoneSetBuilder {
 public:
  Result<void> add(MasterFile file);
  ZoneSet take();

 private:
  NameSet apexes_of(const MasterFile& file) const;
  Result<void> add(const std::string& path, MasterRecord record, const std::string& wire,
                   std::string_view apex);
  Result<ZoneNode*> node_of(Zone& zone, const std::string& wire);
  static Result<void> check_soa(const ZoneNode& node, const Record& record);
  static Result<void> check_cname(const ZoneNode& node, const Record& record);

  ZoneSet set_;
  std::size_t names_ = 0;
  std::size_t name_octets_ = 0;
};

Result<void> ZoneSetBuilder::add(MasterFile file) {
  const auto apexes = apexes_of(file);
  for (auto& record : file.records) {
    const auto line = record.line;
    const auto wire = text::ascii_lower(record.record.name.wire());
    const auto apex = longest_suffix(wire, apexes);
    auto added =
        apex ? add(file.path, std::move(record), wire, *apex)
             : fail_with(ErrorCode::bad_data, "{} is not below the $ORIGIN {}",
                         record.record.name.to_string(), file.origins[record.origin].to_string());
    if (added) continue;
    added.error() = at_place(fmt::format("{}:{}", file.path, line), std::move(added.error()));
    return added;
  }
  return {};
}

NameSet ZoneSetBuilder::apexes_of(const MasterFile& file) const {
  NameSet apexes;
  for (const auto& [record, line, origin] : file.records) {
    if (record.type == RecordType::soa) apexes.insert(text::ascii_lower(record.name.wire()));
  }
  NameSet origins;
  for (const auto& [record, line, origin] : file.records) {
    if (longest_suffix(text::ascii_lower(record.name.wire()), apexes)) continue;
    origins.insert(text::ascii_lower(file.origins[origin].wire()));
  }
  apexes.merge(origins);
  return apexes;
}

Result<void> ZoneSetBuilder::add(const std::string& path, MasterRecord entry,
                                 const std::string& wire, std::string_view apex) {
  auto zone = set_.zones_.find(apex);
  if (zone == set_.zones_.end()) {
    const auto name = DomainName::from_wire(apex).value_or(DomainName());
    zone = set_.zones_.emplace(std::string(apex), Zone(name, path)).first;
    ++names_;
  }
  auto node = node_of(zone->second, wire);
  if (!node) return tl::unexpected(std::move(node.error()));

  auto& record = entry.record;
  if (auto checked = check_soa(**node, record); !checked) return checked;
  if (auto checked = check_cname(**node, record); !checked) return checked;
  if (const auto* soa = std::get_if<SoaData>(&record.data)) {
    zone->second.negative_ttl_ = std::min(record.ttl, soa->minimum);
  }
  (*node)->sets[record.type].push_back({record.ttl, std::move(record.data)});
  return {};
}

/// The node of a name, made with the empty non-terminals between it and the apex. The walk stops at
/// the first name that exists.
Result<ZoneNode*> ZoneSetBuilder::node_of(Zone& zone, const std::string& wire) {
  const auto [found, added] = zone.nodes_.try_emplace(wire);
  ZoneNode* const node = &found->second;
  std::string_view name = wire;
  for (bool is_new = added; is_new;) {
    if (++names_ > max_names) {
      return fail_with(ErrorCode::bad_data, "more than {} names, the most that is read", max_names);
    }
    name_octets_ += name.size();
    if (name_octets_ > max_name_octets) {
      return fail_with(ErrorCode::bad_data, "more than {} MiB of names, the most that is read",
                       max_name_octets >> 20U);
    }
    name.remove_prefix(static_cast<unsigned char>(name[0]) + 1U);
    is_new = zone.nodes_.try_emplace(std::string(name)).second;
  }
  return node;
}

Result<void> ZoneSetBuilder::check_soa(const ZoneNode& node, const Record& record) {
  if (record.type != RecordType::soa || !node.has(RecordType::soa)) return {};
  return fail_with(ErrorCode::bad_data, "a second SOA of {}", record.name.to_string());
}

Result<void> ZoneSetBuilder::check_cname(const ZoneNode& node, const Record& record) {
  if (may_join_cname(record.type)) return {};
  const bool is_cname = record.type == RecordType::cname;
  if (!is_cname && !node.has(RecordType::cname)) return {};
  const auto joins = [](const auto& set) { return may_join_cname(set.first); };
  if (is_cname && std::ranges::all_of(node.sets, joins)) return {};
  return fail_with(ErrorCode::bad_data,
                   "{} has a CNAME and another record, which RFC 1034 section 3.6.2 forbids",
                   record.name.to_string());
}

ZoneSet ZoneSetBuilder::take() {
  for (auto& [apex, zone] : set_.zones_) {
    for (auto& [name, node] : zone.nodes_) {
      for (auto& [type, records] : node.sets) drop_duplicates(records);
    }
  }
  return std::move(set_);
}

Result<ZoneSet> make_zone_set(std::vector<MasterFile> files) {
  ZoneSetBuilder builder;
  for (auto& file : files) {
    if (auto added = builder.add(std::move(file)); !added) {
      return tl::unexpected(std::move(added.error()));
    }
  }
  return builder.take();
}

}  // namespace maildiag::dns
