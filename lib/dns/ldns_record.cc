#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "dns/ldns_handle.h"

namespace maildiag::dns {
namespace {

/// Reads the fields of one record in order; after a field that is missing or of another size, ok()
/// is false.
class Fields {
 public:
  explicit Fields(const ldns_rr& rr) : rr_(rr) {}

  bool ok() const { return ok_; }
  bool more() const { return next_ < ldns_rr_rd_count(&rr_); }

  std::string_view octets() {
    const ldns_rdf* field = more() ? ldns_rr_rdf(&rr_, next_++) : nullptr;
    if (field == nullptr || (ldns_rdf_data(field) == nullptr && ldns_rdf_size(field) > 0)) {
      ok_ = false;
      return {};
    }
    return {reinterpret_cast<const char*>(ldns_rdf_data(field)), ldns_rdf_size(field)};
  }
  std::uint32_t number(std::size_t size) {
    const auto field = octets();
    if (field.size() != size) ok_ = false;
    std::uint32_t value = 0;
    for (const char octet : field) value = value << 8U | static_cast<unsigned char>(octet);
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return number(4); }
  DomainName name() {
    auto name = DomainName::from_wire(octets());
    if (!name) ok_ = false;
    return name.value_or(DomainName());
  }
  /// A character-string with its length octet in front (RFC 1035 section 3.3).
  std::string string() {
    const auto field = octets();
    if (field.empty() || static_cast<unsigned char>(field[0]) != field.size() - 1) {
      ok_ = false;
      return {};
    }
    return std::string(field.substr(1));
  }

 private:
  const ldns_rr& rr_;
  std::size_t next_ = 0;
  bool ok_ = true;
};

IpAddress read_address(Fields& fields, bool& ok) {
  const auto octets = fields.octets();
  if (octets.size() == 4) {
    std::array<std::uint8_t, 4> address{};
    std::memcpy(address.data(), octets.data(), address.size());
    return IpAddress::from_v4(address);
  }
  std::array<std::uint8_t, 16> address{};
  ok = octets.size() == address.size();
  if (ok) std::memcpy(address.data(), octets.data(), address.size());
  return IpAddress::from_v6(address);
}

TxtData read_txt(Fields& fields) {
  TxtData txt;
  while (fields.ok() && fields.more()) txt.strings.push_back(fields.string());
  return txt;
}

SoaData read_soa(Fields& fields) {
  SoaData soa;
  soa.primary = fields.name();
  soa.mailbox = fields.name();
  soa.serial = fields.u32();
  soa.refresh = fields.u32();
  soa.retry = fields.u32();
  soa.expire = fields.u32();
  soa.minimum = fields.u32();
  return soa;
}

SrvData read_srv(Fields& fields) {
  SrvData srv;
  srv.priority = fields.u16();
  srv.weight = fields.u16();
  srv.port = fields.u16();
  srv.target = fields.name();
  return srv;
}

TlsaData read_tlsa(Fields& fields) {
  TlsaData tlsa;
  tlsa.usage = fields.u8();
  tlsa.selector = fields.u8();
  tlsa.matching_type = fields.u8();
  tlsa.data = std::string(fields.octets());
  return tlsa;
}

CaaData read_caa(Fields& fields) {
  CaaData caa;
  caa.flags = fields.u8();
  caa.tag = fields.string();
  caa.value = std::string(fields.octets());
  return caa;
}

/// ldns keeps each field in its wire form.
RawData read_raw(Fields& fields) {
  RawData raw;
  while (fields.ok() && fields.more()) raw.octets += fields.octets();
  return raw;
}

RecordData read_data(RecordType type, Fields& fields, bool& ok) {
  switch (type) {
    case RecordType::a:
    case RecordType::aaaa: {
      const auto address = read_address(fields, ok);
      ok = ok && address.is_v4() == (type == RecordType::a);
      return address;
    }
    case RecordType::mx: {
      MxData mx;
      mx.preference = fields.u16();
      mx.exchange = fields.name();
      return mx;
    }
    case RecordType::ns:
    case RecordType::cname:
    case RecordType::ptr:
    case RecordType::dname:
      return NameData{fields.name()};
    case RecordType::txt:
    case RecordType::spf:
      return read_txt(fields);
    case RecordType::soa:
      return read_soa(fields);
    case RecordType::srv:
      return read_srv(fields);
    case RecordType::tlsa:
      return read_tlsa(fields);
    case RecordType::caa:
      return read_caa(fields);
    default:
      return read_raw(fields);
  }
}

}  // namespace

Result<Record> record_from(const ldns_rr& rr) {
  Record record;
  record.type = static_cast<RecordType>(ldns_rr_get_type(&rr));
  record.ttl = ldns_rr_ttl(&rr);
  const ldns_rdf* owner = ldns_rr_owner(&rr);
  if (owner == nullptr) return fail(ErrorCode::bad_data, "a record without a name");
  auto name = DomainName::from_wire(
      {reinterpret_cast<const char*>(ldns_rdf_data(owner)), ldns_rdf_size(owner)});

  Fields fields(rr);
  bool ok = true;
  record.data = read_data(record.type, fields, ok);
  if (!name || !ok || !fields.ok() || fields.more()) {
    return fail(ErrorCode::bad_data, fmt::format("malformed {} record", to_string(record.type)));
  }
  record.name = std::move(*name);
  return record;
}

}  // namespace maildiag::dns
