#include "dns/wire_message.h"

#include "dns/record.h"

namespace maildiag::dns {
namespace {

constexpr std::size_t question_tail = 4;  // type and class
constexpr std::uint16_t class_in = 1;

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
  ByteReader reader(packet);
  WireHeader header;
  header.id = reader.u16();
  header.flags = reader.u16();
  header.questions = reader.u16();
  header.answers = reader.u16();
  header.authorities = reader.u16();
  header.additionals = reader.u16();
  if (!reader.ok()) return std::nullopt;
  return header;
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
  ByteReader reader(packet_);
  reader.seek(name_end.value_or(packet_.size()));
  record.type = reader.u16();
  record.rr_class = reader.u16();
  record.ttl = reader.u32();
  record.rdata_size = reader.u16();
  record.rdata = reader.position();
  reader.take(record.rdata_size);
  ok_ = name_end.has_value() && reader.ok();
  position_ = reader.position();
  if (ok_) ++count_;
  return ok_;
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
