#include "dns/record_decode.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "core/byte_reader.h"
#include "dns/ldns_handle.h"
#include "dns/rdata.h"

namespace maildiag::dns {
namespace {

/// Where the types that make up nearly all answers stand. Their RDATA needs no more than its names
/// without compression, and ldns takes ten allocations for it.
enum class Layout {
  octets,       ///< no name in it, and its own reader (RFC 1035 section 3.3.14, 3.4.1; RFC 3596)
  name,         ///< a name
  number_name,  ///< 16 bits and a name (RFC 1035 section 3.3.9)
  other,        ///< what ldns takes apart
  unknown,      ///< no value type: RFC 3597 section 4 allows no compressed names there
};

Layout layout_of(RecordType type) {
  switch (type) {
    case RecordType::a:
    case RecordType::aaaa:
    case RecordType::txt:
    case RecordType::spf:
      return Layout::octets;
    case RecordType::ns:
    case RecordType::cname:
    case RecordType::ptr:
    case RecordType::dname:
      return Layout::name;
    case RecordType::mx:
      return Layout::number_name;
    case RecordType::soa:
    case RecordType::srv:
    case RecordType::tlsa:
    case RecordType::caa:
      return Layout::other;
    default:
      return Layout::unknown;
  }
}

/// The name at `position` of a checked packet, without its compression.
std::optional<DomainName> name_at(std::string_view packet, std::size_t position) {
  constexpr std::size_t longest_name = 255;
  std::array<char, longest_name> wire;
  std::size_t size = 0;
  while (true) {
    const unsigned octet = static_cast<unsigned char>(packet[position]);
    if (octet >= 0xc0U) {
      position = (octet & 0x3fU) << 8U | static_cast<unsigned char>(packet[position + 1]);
      continue;
    }
    if (size + octet + 1 > wire.size()) return std::nullopt;
    std::memcpy(wire.data() + size, packet.data() + position, octet + 1);
    size += octet + 1;
    if (octet == 0) return DomainName::from_wire({wire.data(), size});
    position += octet + 1;
  }
}

std::optional<RecordData> rdata_by_ldns(std::string_view packet, const WireRecord& at) {
  ldns_rr* rr = nullptr;
  std::size_t position = at.start;
  const auto status = ldns_wire2rr(&rr, reinterpret_cast<const std::uint8_t*>(packet.data()),
                                   packet.size(), &position, LDNS_SECTION_ANSWER);
  if (status != LDNS_STATUS_OK || rr == nullptr) return std::nullopt;
  auto record = record_from(*LdnsRr(rr));
  if (!record) return std::nullopt;
  return std::move(record->data);
}

std::optional<RecordData> rdata_at(std::string_view packet, const WireRecord& at) {
  const auto type = static_cast<RecordType>(at.type);
  const auto octets = packet.substr(at.rdata, at.rdata_size);
  switch (layout_of(type)) {
    case Layout::octets:
      return rdata_from_wire(type, octets);
    case Layout::name: {
      auto name = name_at(packet, at.rdata);
      if (!name) return std::nullopt;
      return NameData{std::move(*name)};
    }
    case Layout::number_name: {
      auto name = name_at(packet, at.rdata + 2);
      if (!name) return std::nullopt;
      return MxData{ByteReader(octets).u16(), std::move(*name)};
    }
    case Layout::other:
      return rdata_by_ldns(packet, at);
    case Layout::unknown:
      break;
  }
  return RawData{std::string(octets)};
}

}  // namespace

std::optional<Record> decode_record(std::string_view packet, const WireRecord& at) {
  auto name = name_at(packet, at.start);
  if (!name) return std::nullopt;
  auto data = rdata_at(packet, at);
  if (!data) return std::nullopt;
  return Record{std::move(*name), static_cast<RecordType>(at.type), at.ttl, std::move(*data)};
}

}  // namespace maildiag::dns
