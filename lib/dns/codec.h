/// Records and messages between wire, text and values. ldns does the work behind this header; no
/// ldns type shows in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dns/answer.h"
#include "dns/letter_case.h"

namespace maildiag::dns {

/// What we offer by EDNS: the size that travels without fragmentation (RFC 6891 section 6.2.5, DNS
/// flag day 2020).
inline constexpr std::uint16_t edns_payload_size = 1232;
/// The OPT pseudo-record (RFC 6891 section 6.1.2).
inline constexpr std::uint16_t type_opt = 41;

/// RDATA in presentation form (RFC 1035 section 5.1) as a record, e.g. ("10 mail.example.com"):
/// what rdata_text() writes. Names without a final dot are absolute. Error: not the RDATA of such a
/// type, or a control character (a tab, too).
Result<Record> parse_record(const DomainName& owner, RecordType type, std::uint32_t ttl,
                            const std::string& rdata);

/// RDATA of a type that has no value type of its own, in the presentation form of that type where
/// ldns knows one, else as RFC 3597 section 5 has it (`\# 4 0a000001`).
std::string raw_rdata_text(RecordType type, std::string_view octets);

/// Big-endian, as all numbers in messages.
inline void append_u16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8U & 0xffU);
  out += static_cast<char>(value & 0xffU);
}

/// What a question says about itself. A server that is authoritative is not asked to recurse.
struct QueryFlags {
  bool edns = true;
  bool recursion = true;
};
/// Appends a question with the AD bit (RFC 6840 section 5.7), spelt as `letters` say, as a message
/// to `out`.
void append_query(std::string& out, const Question& question, std::uint16_t id, QueryFlags flags,
                  LetterCase letters);

}  // namespace maildiag::dns
