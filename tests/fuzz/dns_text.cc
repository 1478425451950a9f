// What stands in files about DNS: zones, resolv.conf, recordings, RDATA as text.
#include <string>

#include "core/text.h"
#include "dns/answer_json.h"
#include "dns/backends.h"
#include "dns/codec.h"
#include "dns/master_file.h"
#include "dns/rdata.h"
#include "dns/server_recording.h"
#include "dns/zone_set.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

using namespace dns;

void zone_file(std::string_view octets) {
  auto file = parse_master_file("zone", octets);
  if (!file) {
    require(file.error().message.starts_with("zone:"), "a fault names the file");
    require(is_one_safe_line(file.error().message), "a fault is one safe line");
    return;
  }
  std::vector<DomainName> names;
  for (const auto& [record, line, origin] : file->records) {
    require(line >= 1 && origin < file->origins.size(), "a record stands somewhere");
    const auto wire = rdata_to_wire(record.data);
    const auto again = rdata_from_wire(record.type, wire);
    require(again.has_value() && rdata_to_wire(*again) == wire, "RDATA survives a recording");
    const auto text = rdata_text(record);
    require(text.find('\n') == std::string::npos, "RDATA is one line");
    names.push_back(record.name);
  }
  const auto zones = make_zone_set({std::move(*file)});
  if (!zones) return require(is_one_safe_line(zones.error().message), "a fault is one safe line");
  for (const auto& name : names) {
    const auto below = name.child("x.y");
    for (const auto& asked : {name, name.parent(), below.value_or(name)}) {
      const auto wire = text::ascii_lower(asked.wire());
      const auto* zone = zones->zone_of(wire);
      require(zone != nullptr || asked != name, "a record's name is in a zone");
      if (zone == nullptr) continue;
      for (const auto type : {RecordType::a, RecordType::txt, RecordType::ds}) {
        const auto match = zone->find(wire, type);
        const bool holds = match.kind == Zone::Kind::records || match.kind == Zone::Kind::cname ||
                           match.kind == Zone::Kind::dname;
        require(!holds || match.node != nullptr, "what is found stands somewhere");
      }
    }
  }
}

namespace {

void resolv_conf(std::string_view octets) {
  const auto conf = parse_resolv_conf(octets);
  for (const auto& server : conf.servers) {
    const auto again = ServerAddress::parse(server.to_string());
    require(again && again->to_string() == server.to_string(), "an address is read as written");
  }
  if (const auto server = ServerAddress::parse(octets))
    require(ServerAddress::parse(server->to_string()).has_value(), "an address is read again");
}

void server_reply(std::string_view octets) {
  const auto recorded = server_reply_from_json(octets);
  if (!recorded)
    return require(is_one_safe_line(recorded.error().message), "a fault is one safe line");
  const auto line = server_reply_to_json(recorded->question, recorded->reply);
  for (const char c : line) require(c >= ' ' && c <= '~', "a recording is printable ASCII");
  require(is_server_reply(line), "what is written is known as a server's reply");
  const auto again = server_reply_from_json(line);
  require(again.has_value(), "what is written is read");
  require(server_reply_to_json(again->question, again->reply) == line, "and read as written");
}

/// Each line of the file is one answer.
void recording(std::string_view octets) {
  server_reply(octets);
  const auto answer = answer_from_json(octets);
  if (!answer) return;
  const auto line = answer_to_json(*answer);
  for (const char c : line) require(c >= ' ' && c <= '~', "a recording is printable ASCII");
  const auto again = answer_from_json(line);
  require(again.has_value(), "what is written is read");
  require(answer_to_json(*again) == line, "and read as it was written");
}

/// The type on the first line, RDATA in presentation form behind it.
void rdata(std::string_view octets) {
  constexpr std::size_t surely_read = 16000;  // of text ldns drops what is beyond 65,535
  const auto type = record_type_from(take_line(octets));
  if (!type || octets.size() > surely_read) return;
  // ldns takes "\\# x" for no octets at all; zones have the generic form read by
  // rdata_from_tokens().
  if (octets.find("\\#") != octets.npos) return;
  const auto owner = *DomainName::parse("example.com");
  const auto record = parse_record(owner, *type, 60, std::string(octets));
  if (!record) return;
  const auto text = rdata_text(*record);
  const auto again = parse_record(owner, *type, 60, text);
  require(again.has_value(), "RDATA that is written is read");
  require(rdata_to_wire(again->data) == rdata_to_wire(record->data), "and means the same");
}

/// The type's number in two octets, then RDATA as it stands in a message.
void raw_rdata(std::string_view octets) {
  if (octets.size() < 2) return;
  const auto type = static_cast<RecordType>(static_cast<unsigned char>(octets[0]) << 8U |
                                            static_cast<unsigned char>(octets[1]));
  octets.remove_prefix(2);
  const auto text = raw_rdata_text(type, octets.substr(0, 0xffff));
  for (const char c : text) require(c >= ' ' && c <= '~', "RDATA is printable ASCII");
  if (const auto data = rdata_from_wire(type, octets))
    require(rdata_to_wire(*data) == octets, "RDATA is written as it was read");
}

}  // namespace

void dns_text(std::string_view octets) {
  switch (take_choice(octets, 4)) {
    case 0:
      return resolv_conf(octets);
    case 1:
      return recording(octets);
    case 2:
      return rdata(octets);
    default:
      return raw_rdata(octets);
  }
}

}  // namespace maildiag::fuzz
