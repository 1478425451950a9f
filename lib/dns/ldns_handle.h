/// One owner for each kind of ldns handle, and the way from an ldns record to a value. Never
/// included outside lib/dns.
#pragma once

#include <cstdlib>
#include <memory>
#include <stdbool.h>  // else ldns defines `bool`, `true` and `false` as macros

#include <ldns/ldns.h>

#include "core/handle.h"
#include "core/result.h"
#include "dns/record.h"

namespace maildiag::dns {

using LdnsRr = std::unique_ptr<ldns_rr, FreedBy<ldns_rr_free>>;
using LdnsRrList = std::unique_ptr<ldns_rr_list, FreedBy<ldns_rr_list_deep_free>>;
using LdnsRdf = std::unique_ptr<ldns_rdf, FreedBy<ldns_rdf_deep_free>>;
using LdnsZone = std::unique_ptr<ldns_zone, FreedBy<ldns_zone_deep_free>>;
using LdnsBuffer = std::unique_ptr<ldns_buffer, FreedBy<ldns_buffer_free>>;
using LdnsText = std::unique_ptr<char, FreedBy<std::free>>;

/// The value of a record. Error: RDATA that does not fit its type.
Result<Record> record_from(const ldns_rr& rr);

}  // namespace maildiag::dns
