#include "dns/zone_set.h"

#include "core/text.h"

namespace maildiag::dns {
namespace {

/// Where the label after the one at `at` begins.
std::size_t next_label(std::string_view wire, std::size_t at) {
  return at + static_cast<unsigned char>(wire[at]) + 1U;
}

}  // namespace

Zone::Zone(const DomainName& apex, std::string file)
    : file_(std::move(file)), apex_size_(apex.wire().size()) {
  nodes_.try_emplace(text::ascii_lower(apex.wire()));
}

const ZoneNode* Zone::node(std::string_view wire) const {
  const auto found = nodes_.find(wire);
  return found == nodes_.end() ? nullptr : &found->second;
}

Zone::Match Zone::find(std::string_view wire, RecordType type) const {
  // The ancestors in the zone, the apex last: where each begins in `wire`.
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; wire.size() - at >= apex_size_; at = next_label(wire, at)) {
    starts.push_back(at);
    if (wire.size() - at == apex_size_) break;
  }

  const ZoneNode* encloser = nullptr;
  std::size_t encloser_start = 0;
  for (auto start = starts.rbegin(); start != starts.rend(); ++start) {
    const auto* current = node(wire.substr(*start));
    if (current == nullptr) break;
    encloser = current;
    encloser_start = *start;
    const bool apex = start == starts.rbegin();
    const bool asked = *start == 0;
    // The parent's side of a zone cut holds the DS (RFC 4035 section 3.1.4.1).
    const bool ds_at_cut = asked && type == RecordType::ds;
    if (!apex && !ds_at_cut && current->has(RecordType::ns)) {
      return {Kind::delegated, current, 0};
    }
    // RFC 6672 section 2.3: a DNAME redirects what is below its owner, not the owner.
    if (!asked && current->has(RecordType::dname)) {
      return {Kind::dname, current, *start};
    }
  }

  const auto* source = encloser;
  if (encloser_start != 0) {
    // RFC 4592 section 3.3.1: the source of synthesis is the asterisk below the closest encloser.
    std::string wildcard("\1*", 2);
    wildcard += wire.substr(encloser_start);
    source = node(wildcard);
    if (source == nullptr) return {Kind::nxdomain, nullptr, 0};
  }
  if (type == RecordType::any) {
    return {source->sets.empty() ? Kind::nodata : Kind::records, source, 0};
  }
  if (source->has(type)) return {Kind::records, source, 0};
  if (source->has(RecordType::cname)) return {Kind::cname, source, 0};
  return {Kind::nodata, source, 0};
}

const Zone* ZoneSet::zone_of(std::string_view wire) const {
  for (std::size_t at = 0;; at = next_label(wire, at)) {
    const auto found = zones_.find(wire.substr(at));
    if (found != zones_.end()) return &found->second;
    if (wire[at] == 0) return nullptr;
  }
}

}  // namespace maildiag::dns
