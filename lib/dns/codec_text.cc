#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dns/codec.h"
#include "dns/hex.h"
#include "dns/ldns_handle.h"

namespace maildiag::dns {
namespace {

/// Types without a value type whose presentation form people expect to see, and whose RDATA holds
/// no compressible name and a bounded number of fields (RFC 3597 section 4): HINFO, NAPTR, DS,
/// SSHFP, RRSIG, NSEC, DNSKEY, NSEC3, NSEC3PARAM, CDS, CDNSKEY.
constexpr std::array<unsigned, 11> presentable_types{13, 35, 43, 44, 46, 47, 48, 50, 51, 59, 60};

std::string absolute(const DomainName& name) {
  auto text = name.to_string();
  return name.is_root() ? text : text + '.';
}

std::string generic_text(std::string_view octets) {
  std::string out = fmt::format("\\# {}", octets.size());
  if (!octets.empty()) out += ' ';
  return out += to_hex(octets);
}

/// ldns leaves tabs as they are.
void append_printable(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += fmt::format("\\{:03}", static_cast<unsigned char>(c));
    }
  }
}

/// A record at the root in wire form, as ldns wants it.
LdnsRr record_at_root(RecordType type, std::string_view octets) {
  std::string wire(1, '\0');
  append_u16(wire, static_cast<std::size_t>(type));
  append_u16(wire, LDNS_RR_CLASS_IN);
  wire.append(4, '\0');
  append_u16(wire, octets.size());
  wire += octets;
  ldns_rr* rr = nullptr;
  std::size_t position = 0;
  const auto status = ldns_wire2rr(&rr, reinterpret_cast<const std::uint8_t*>(wire.data()),
                                   wire.size(), &position, LDNS_SECTION_ANSWER);
  if (status != LDNS_STATUS_OK) return nullptr;  // ldns has freed what it began
  return LdnsRr(rr);
}

}  // namespace

Result<Record> parse_record(const DomainName& owner, RecordType type, std::uint32_t ttl,
                            const std::string& rdata) {
  // ldns takes some of them for white space and others for octets that stand for nothing.
  const bool printable = std::none_of(rdata.begin(), rdata.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
  });
  if (!printable) {
    return fail_with(ErrorCode::bad_data,
                     "the data of a record of type {} hold a control character", to_string(type));
  }
  const auto line = fmt::format("{} {} IN {} {}", absolute(owner), ttl, to_string(type), rdata);
  const LdnsRdf root(ldns_dname_new_frm_str("."));
  ldns_rr* rr = nullptr;
  const auto status = ldns_rr_new_frm_str(&rr, line.c_str(), ttl, root.get(), nullptr);
  if (status != LDNS_STATUS_OK || rr == nullptr) {
    return fail_with(ErrorCode::bad_data, "not the data of a record of type {}: {}",
                     to_string(type), rdata);
  }
  return record_from(*LdnsRr(rr));
}

std::string raw_rdata_text(RecordType type, std::string_view octets) {
  const auto number = static_cast<unsigned>(type);
  const bool presentable = std::find(presentable_types.begin(), presentable_types.end(), number) !=
                           presentable_types.end();
  const auto rr = presentable ? record_at_root(type, octets) : nullptr;
  if (rr == nullptr) return generic_text(octets);
  // ldns takes RDATA that ends too early for a shorter record.
  const auto* descriptor = ldns_rr_descript(static_cast<std::uint16_t>(number));
  if (ldns_rr_rd_count(rr.get()) < ldns_rr_descriptor_minimum(descriptor)) {
    return generic_text(octets);
  }
  std::string out;
  for (std::size_t i = 0; i < ldns_rr_rd_count(rr.get()); ++i) {
    const LdnsText field(ldns_rdf2str(ldns_rr_rdf(rr.get(), i)));
    if (field == nullptr) return generic_text(octets);
    if (!out.empty()) out += ' ';
    append_printable(out, field.get());
  }
  return out;
}

}  // namespace maildiag::dns
