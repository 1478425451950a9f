/// A record of a packet as a value.
#pragma once

#include <optional>
#include <string_view>

#include "dns/record.h"
#include "dns/wire_message.h"

namespace maildiag::dns {

/// nullopt: its data does not fit its type. REQUIRES: find_fault() found none in the packet.
std::optional<Record> decode_record(std::string_view packet, const WireRecord& at);

}  // namespace maildiag::dns
