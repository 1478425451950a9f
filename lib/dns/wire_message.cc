#include "dns/wire_message.h"

#include "dns/record.h"

namespace maildiag::dns {
namespace {

constexpr std::size_t question_tail = 4;  // type and class
constexpr std::size_t record_head = 10;   // type, class, TTL and the size of the RDATA
constexpr std::uint16_t class_in = 1;

// Of what is known to be there: each packet of a sweep comes through here several times.
const unsigned char* octets_at(std::string_view packet, std::size_t position) {
  return reinterpret_cast<const unsigned char*>(packet.data()) + position;
}
std::uint16_t u16_at(const unsigned char* octets, std::size_t at) {
  return static_cast<std::uint16_t>(octets[at] << 8U | octets[at + 1]);
}

bool skip_questions(std::string_view packet, const WireHeader& header, std::size_t& position) {
  for (unsigned i = 0; i < header.questions; ++i) {
    const auto end = skip_name(packet, position);
    if (!end || packet.size() - *end < question_tail) return false;
    position = *end + question_tail;
  }
  return true;
}

/// Names in RDATA stand behind `offset` octets; they must end inside the RDATA.
bool names_fit(std::string_view packet, const WireRecord& record, std::size_t offset,
               std::size_t count, std::size_t tail) {
  std::size_t position = record.rdata + offset;
  const std::size_t end = record.rdata + record.rdata_size;
  for (; count > 0; --count) {
    if (position >= end) return false;
    const auto next = skip_name(packet, position);
    if (!next) return false;
    position = *next;
  }
  return position + tail == end;
}

/// The character-strings fill the RDATA exactly.
std::optional<std::string_view> find_string_fault(std::string_view packet,
                                                  const WireRecord& record) {
  ByteReader reader(packet.substr(record.rdata, record.rdata_size));
  std::size_t strings = 0;
  while (reader.ok() && reader.remaining() > 0) {
    reader.take(reader.u8());
    if (++strings > most_strings) return "too many strings in one record";
  }
  if (!reader.ok()) return "a string leaves its record";
  return std::nullopt;
}

/// Checks the RDATA of the types that ldns is given (see reply.cc).
std::optional<std::string_view> find_rdata_fault(std::string_view packet,
                                                 const WireRecord& record) {
  constexpr std::string_view bad_name = "a name in a record leaves its place";
  constexpr std::string_view bad_address = "an address of a wrong length";
  // Of other classes an A record is something else (RFC 1035 section 3.3).
  const bool internet = record.rr_class == class_in;
  switch (static_cast<RecordType>(record.type)) {
    case RecordType::a:
      if (internet && record.rdata_size != 4) return bad_address;
      return std::nullopt;
    case RecordType::aaaa:
      if (internet && record.rdata_size != 16) return bad_address;
      return std::nullopt;
    case RecordType::ns:
    case RecordType::cname:
    case RecordType::ptr:
    case RecordType::dname:
      if (!names_fit(packet, record, 0, 1, 0)) return bad_name;
      return std::nullopt;
    case RecordType::mx:
      if (!names_fit(packet, record, 2, 1, 0)) return bad_name;
      return std::nullopt;
    case RecordType::srv:
      if (!names_fit(packet, record, 6, 1, 0)) return bad_name;
      return std::nullopt;
    case RecordType::soa:
      if (!names_fit(packet, record, 0, 2, 20)) return bad_name;
      return std::nullopt;
    case RecordType::txt:
    case RecordType::spf:
      return find_string_fault(packet, record);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<WireHeader> read_header(std::string_view packet) {
  if (packet.size() < header_size) return std::nullopt;
  const auto u16 = [octets = octets_at(packet, 0)](std::size_t at) { return u16_at(octets, at); };
  return WireHeader{u16(0), u16(2), u16(4), u16(6), u16(8), u16(10)};
}

std::optional<std::size_t> skip_name(std::string_view packet, std::size_t position) {
  constexpr std::size_t longest_name = 255;
  constexpr unsigned pointer_bits = 0xc0;
  std::optional<std::size_t> end;  // behind the first pointer
  std::size_t length = 0;
  std::size_t pointers = 0;
  std::size_t segment = position;  // pointers must lead before it
  while (position < packet.size()) {
    const unsigned octet = static_cast<unsigned char>(packet[position]);
    if ((octet & pointer_bits) == pointer_bits) {
      if (packet.size() - position < 2 || ++pointers > most_pointers) return std::nullopt;
      const std::size_t target =
          (octet & ~pointer_bits) << 8U | static_cast<unsigned char>(packet[position + 1]);
      if (!end) end = position + 2;
      if (target >= segment || target < header_size) return std::nullopt;
      position = segment = target;
      continue;
    }
    if ((octet & pointer_bits) != 0) return std::nullopt;  // RFC 6891 section 5: no such labels
    length += octet + 1;
    if (length > longest_name) return std::nullopt;
    if (octet == 0) return end ? *end : position + 1;
    position += octet + 1;
  }
  return std::nullopt;
}

RecordWalk::RecordWalk(std::string_view packet) : packet_(packet) {
  const auto header = read_header(packet);
  ok_ = header.has_value();
  if (!ok_) return;
  header_ = *header;
  ok_ = skip_questions(packet_, header_, position_);
}

bool RecordWalk::next(WireRecord& record) {
  const std::size_t before_authority = header_.answers;
  const std::size_t before_additional = before_authority + header_.authorities;
  if (!ok_ || count_ == before_additional + header_.additionals) return false;
  record.section = count_ < before_authority    ? WireSection::answer
                   : count_ < before_additional ? WireSection::authority
                                                : WireSection::additional;
  record.start = position_;
  const auto name_end = skip_name(packet_, position_);
  ok_ = name_end && packet_.size() - *name_end >= record_head;
  if (!ok_) return false;
  const auto* octets = octets_at(packet_, *name_end);
  record.type = u16_at(octets, 0);
  record.rr_class = u16_at(octets, 2);
  record.ttl = std::uint32_t{u16_at(octets, 4)} << 16U | u16_at(octets, 6);
  record.rdata_size = u16_at(octets, 8);
  record.rdata = *name_end + record_head;
  ok_ = packet_.size() - record.rdata >= record.rdata_size;
  if (!ok_) return false;
  position_ = record.rdata + record.rdata_size;
  ++count_;
  return true;
}

std::optional<std::string_view> find_fault(std::string_view packet) {
  const auto header = read_header(packet);
  if (!header) return "shorter than a header";
  const std::size_t records =
      std::size_t{header->answers} + header->authorities + header->additionals;
  if (records > most_records) return "too many records";
  RecordWalk walk(packet);
  for (WireRecord record; walk.next(record);) {
    if (const auto fault = find_rdata_fault(packet, record)) return fault;
  }
  if (!walk.ok()) return "a name or a record leaves the packet";
  // A count that is too small hides records, and what is hidden would count as not there.
  if (walk.position() != packet.size()) return "octets behind the last record";
  return std::nullopt;
}

}  // namespace maildiag::dns
