#include <string>

#include "dns/ldns_handle.h"
#include "dns/rdata.h"

namespace maildiag::dns {
namespace {

std::string_view octets_of(const ldns_rdf& field) {
  return {reinterpret_cast<const char*>(ldns_rdf_data(&field)), ldns_rdf_size(&field)};
}

}  // namespace

Result<Record> record_from(const ldns_rr& rr) {
  Record record;
  record.type = static_cast<RecordType>(ldns_rr_get_type(&rr));
  record.ttl = ldns_rr_ttl(&rr);
  const ldns_rdf* owner = ldns_rr_owner(&rr);
  if (owner == nullptr) return fail_with(ErrorCode::bad_data, "a record without a name");
  auto name = DomainName::from_wire(octets_of(*owner));

  std::string octets;  // ldns keeps each field in its wire form
  for (std::size_t i = 0; i < ldns_rr_rd_count(&rr); ++i) {
    const ldns_rdf* field = ldns_rr_rdf(&rr, i);
    if (field != nullptr && ldns_rdf_data(field) != nullptr) octets += octets_of(*field);
  }
  auto data = rdata_from_wire(record.type, octets);
  if (!name || !data) {
    return fail_with(ErrorCode::bad_data, "malformed {} record", to_string(record.type));
  }
  record.name = std::move(*name);
  record.data = std::move(*data);
  return record;
}

}  // namespace maildiag::dns
