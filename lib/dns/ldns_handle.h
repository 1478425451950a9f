/// One owner for each kind of ldns handle, and the way from an ldns record to a value. Never
/// included outside lib/dns.
#pragma once

#include <cstdlib>
#include <memory>
#include <stdbool.h>  // else ldns defines `bool`, `true` and `false` as macros

#include <ldns/ldns.h>

#include "core/result.h"
#include "dns/record.h"

namespace maildiag::dns {

template <auto Free>
struct LdnsDeleter {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using LdnsRr = std::unique_ptr<ldns_rr, LdnsDeleter<ldns_rr_free>>;
using LdnsRrList = std::unique_ptr<ldns_rr_list, LdnsDeleter<ldns_rr_list_deep_free>>;
using LdnsRdf = std::unique_ptr<ldns_rdf, LdnsDeleter<ldns_rdf_deep_free>>;
using LdnsZone = std::unique_ptr<ldns_zone, LdnsDeleter<ldns_zone_deep_free>>;
using LdnsBuffer = std::unique_ptr<ldns_buffer, LdnsDeleter<ldns_buffer_free>>;
using LdnsText = std::unique_ptr<char, LdnsDeleter<std::free>>;

/// The value of a record. Error: RDATA that does not fit its type.
Result<Record> record_from(const ldns_rr& rr);

}  // namespace maildiag::dns
