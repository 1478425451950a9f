/// RDATA as it stands in a master file.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/result.h"
#include "dns/master_file_lexer.h"
#include "dns/record.h"

namespace maildiag::dns {

/// A record type that a zone can hold, by mnemonic or as TYPE1234, among all that ldns knows; not
/// the types of questions and pseudo-records (RFC 6895 section 3.1).
std::optional<RecordType> zone_record_type(const std::string& mnemonic);

/// The value of RDATA in presentation form or in that of RFC 3597; relative names end in `origin`.
/// The error's message says what is wrong, without file and line.
Result<RecordData> rdata_from_tokens(RecordType type, std::span<const MasterToken> tokens,
                                     const DomainName& origin);

}  // namespace maildiag::dns
