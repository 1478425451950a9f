/// A DNS message as it stands in a packet (RFC 1035 section 4): walked with bounds checks and
/// without allocation, before ldns sees any of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/byte_reader.h"

namespace maildiag::dns {

inline constexpr std::size_t header_size = 12;

/// The most records that one message may hold: about what fits into 64 KB, decoded in 1.4 ms.
inline constexpr std::size_t most_records = 4096;
/// The most strings of one TXT record. ldns allocates the whole RDATA for each of them: 65,400
/// empty strings in 64 KB cost it 1.1 s and 1.4 GB. 512 strings of 255 octets are more than a
/// message can carry.
inline constexpr std::size_t most_strings = 512;
/// The most compression pointers of one name: as many as a name can have labels.
inline constexpr std::size_t most_pointers = 127;

struct WireHeader {
  std::uint16_t id = 0, flags = 0;
  std::uint16_t questions = 0, answers = 0, authorities = 0, additionals = 0;

  bool is_response() const { return (flags & 0x8000U) != 0; }
  unsigned opcode() const { return flags >> 11U & 0xfU; }
  bool authoritative() const { return (flags & 0x0400U) != 0; }
  bool truncated() const { return (flags & 0x0200U) != 0; }
  bool authenticated() const { return (flags & 0x0020U) != 0; }
  unsigned rcode() const { return flags & 0xfU; }
};

/// nullopt: shorter than a header.
std::optional<WireHeader> read_header(std::string_view packet);

enum class WireSection { answer, authority, additional };

/// One record: where it stands, not what it says.
struct WireRecord {
  WireSection section{};
  std::size_t start = 0;  ///< of the owner name
  std::uint16_t type = 0, rr_class = 0;
  std::uint32_t ttl = 0;
  std::size_t rdata = 0, rdata_size = 0;
};

/// The position behind the name at `position`; nullopt: it leaves the packet, its pointers do not
/// go strictly back (RFC 1035 section 4.1.4: to a prior occurrence) or go into the header, or it is
/// longer than 255 octets.
std::optional<std::size_t> skip_name(std::string_view packet, std::size_t position);

/// What is wrong with the packet: too many records or strings, names or RDATA that leave their
/// place, octets that belong to no record. nullopt: ldns may have it. REQUIRES: packet.size() >=
/// header_size.
std::optional<std::string_view> find_fault(std::string_view packet);

/// Reads the records of a packet one after the other.
class RecordWalk {
 public:
  explicit RecordWalk(std::string_view packet);
  /// False at the end, and where the packet ends too early.
  bool next(WireRecord& record);
  bool ok() const { return ok_; }
  std::size_t count() const { return count_; }
  /// Behind the records that were read.
  std::size_t position() const { return position_; }

 private:
  std::string_view packet_;
  WireHeader header_;
  std::size_t position_ = header_size;
  std::size_t count_ = 0;  // records read
  bool ok_ = true;
};

/// Calls `visit(record)` for the records of a packet in which find_fault() found none.
template <class Visitor>
void for_each_record(std::string_view packet, Visitor visit) {
  RecordWalk walk(packet);
  for (WireRecord record; walk.next(record);) visit(record);
}

}  // namespace maildiag::dns
