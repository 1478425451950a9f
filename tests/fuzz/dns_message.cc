// A packet as a server sends it. ldns, which most mail programs trust with packets, is the second
// opinion about what the guard lets through.
#include <cstdlib>
#include <memory>
#include <string>

#include "dns/codec.h"
#include "dns/ldns_handle.h"
#include "dns/rdata.h"
#include "dns/record_decode.h"
#include "dns/reply.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

namespace {

using namespace dns;

const std::uint8_t* bytes(std::string_view octets) {
  return reinterpret_cast<const std::uint8_t*>(octets.data());
}

/// What ldns makes of the record at `position`, which moves behind it; nullptr: nothing.
LdnsRr ldns_at(std::string_view packet, std::size_t& position) {
  ldns_rr* record = nullptr;
  const auto status =
      ldns_wire2rr(&record, bytes(packet), packet.size(), &position, LDNS_SECTION_ANSWER);
  LdnsRr owned(record);
  return status == LDNS_STATUS_OK ? std::move(owned) : nullptr;
}

/// Types whose RDATA the guard looks into: addresses, names and strings end where the record does.
/// Not TLSA and CAA: ldns itself takes those apart, so that there is no second reading to compare,
/// and what it refuses of them is no record. Not DS: nothing reads one, it stays raw octets.
bool is_looked_into(const WireRecord& record) {
  constexpr std::uint16_t class_internet = 1;
  switch (static_cast<RecordType>(record.type)) {
    case RecordType::a:
    case RecordType::aaaa:
      // Of other classes an A record is something else, which ldns does not know.
      return record.rr_class == class_internet;
    case RecordType::ns:
    case RecordType::cname:
    case RecordType::ptr:
    case RecordType::dname:
    case RecordType::mx:
    case RecordType::soa:
    case RecordType::srv:
    case RecordType::txt:
    case RecordType::spf:
      return true;
    default:
      return false;
  }
}

/// One way: what the guard accepts ldns reads, and to the same place.
void ldns_reads_what_the_guard_accepts(std::string_view packet) {
  for_each_record(packet, [&](const WireRecord& record) {
    if (!is_looked_into(record)) return;
    auto position = record.start;
    const auto theirs = ldns_at(packet, position);
    require(theirs != nullptr, "ldns reads a record that the guard accepts");
    require(position == record.rdata + record.rdata_size, "both see the record end at one place");
    require(ldns_rr_get_type(theirs.get()) == record.type, "both see one type");
    require(ldns_rr_ttl(theirs.get()) == record.ttl, "both see one TTL");
    const auto ours = decode_record(packet, record);
    const auto value = record_from(*theirs);
    require(ours.has_value() == value.has_value(), "both read the data, or neither");
    if (!ours) return;
    require(ours->name.wire() == value->name.wire(), "both read one name");
    require(rdata_to_wire(ours->data) == rdata_to_wire(value->data), "both read one value");
  });
}

/// ldns goes on behind the fields that it knows, wherever the record says that it ends, and takes
/// TSIG (RFC 8945) for a part of the message.
bool agree_on_ends(std::string_view packet) {
  constexpr std::uint16_t tsig = 250;
  bool agree = true;
  for_each_record(packet, [&](const WireRecord& record) {
    agree = agree && record.type != tsig;
    auto position = record.start;
    agree = agree && ldns_at(packet, position) != nullptr &&
            position == record.rdata + record.rdata_size;
  });
  return agree;
}

/// The other way: a message that ldns writes, out of one that both read alike, is not refused. Not
/// every message that ldns reads: it takes octets behind the last record, pointers that lead
/// forward, and any number of records, which the guard refuses on purpose.
void guard_accepts_what_ldns_writes(std::string_view packet) {
  if (!agree_on_ends(packet)) return;
  ldns_pkt* read = nullptr;
  if (ldns_wire2pkt(&read, bytes(packet), packet.size()) != LDNS_STATUS_OK) return;
  const std::unique_ptr<ldns_pkt, FreedBy<ldns_pkt_free>> message(read);
  std::uint8_t* written = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&written, message.get(), &size) != LDNS_STATUS_OK) return;
  const std::unique_ptr<std::uint8_t, FreedBy<std::free>> owned(written);
  const std::string_view again(reinterpret_cast<const char*>(written), size);
  if (size > 0xffff) return;  // not a message
  require(!find_fault(again).has_value(), "the guard accepts what ldns writes");
}

void check_reply(const Reply& reply) {
  require(reply.cname_chain.size() <= most_cnames + 1, "a chain is bounded");
  require((reply.outcome == Outcome::answer) == !reply.records.empty(), "an answer has records");
  for (const auto& record : reply.records) {
    const auto octets = rdata_to_wire(record.data);
    (void)rdata_text(record);
    const auto again = rdata_from_wire(record.type, octets);
    require(again.has_value() && rdata_to_wire(*again) == octets, "RDATA survives a recording");
  }
}

}  // namespace

void dns_message(std::string_view octets) {
  if (octets.size() > 0xffff) return;  // no transport carries it
  const auto header = read_header(octets);
  require(header.has_value() == (octets.size() >= header_size), "a header is 12 octets");
  if (!header) return;
  const bool accepted = !find_fault(octets);
  for (const auto type : {RecordType::a, RecordType::txt, RecordType::mx, RecordType::any}) {
    const Question question{*DomainName::parse("www.example.com"), type};
    std::string packet(octets);
    if (compare_question(packet, *header, question, LetterCase()) != Echo::none)
      spell_as_asked(packet, question);
    const auto reply = read_reply(packet, question);
    require(accepted || reply.outcome == Outcome::malformed, "what the guard refuses says nothing");
    check_reply(reply);
  }
  if (!accepted) return;
  const Question question{*DomainName::parse("www.example.com"), RecordType::a};
  for (const auto section : {WireSection::answer, WireSection::authority, WireSection::additional})
    (void)read_section(octets, section, question);
  ldns_reads_what_the_guard_accepts(octets);
  guard_accepts_what_ldns_writes(octets);
}

}  // namespace maildiag::fuzz
