/// RDATA between octets and values. The one place that knows how each type is laid out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dns/record.h"

namespace maildiag::dns {

/// The value of uncompressed RDATA (RFC 1035 section 3.3 and the RFC of each type). nullopt: the
/// octets do not fit the type. Takes time and memory in proportion to the octets, whatever they
/// are.
std::optional<RecordData> rdata_from_wire(RecordType type, std::string_view octets);

/// The uncompressed RDATA of a value: what rdata_from_wire() reads.
std::string rdata_to_wire(const RecordData& data);

}  // namespace maildiag::dns
