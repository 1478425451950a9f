#include "dns/record_json.h"

#include "dns/hex.h"
#include "dns/rdata.h"

namespace maildiag::dns {
namespace {

std::optional<Outcome> outcome_from(std::string_view word) {
  for (int number = 0; number <= static_cast<int>(Outcome::not_recorded); ++number) {
    const auto outcome = static_cast<Outcome>(number);
    if (to_string(outcome) == word) return outcome;
  }
  return std::nullopt;
}

Record read_recorded(const Json& object, std::optional<std::string>& fault) {
  RecordedMembers members(object, fault);
  Record record;
  record.name = members.name("name");
  record.type = members.type("type");
  record.ttl = static_cast<std::uint32_t>(
      members.integer("ttl", 0, std::numeric_limits<std::uint32_t>::max()));
  const auto octets = from_hex(members.string("rdata"));
  auto data = octets ? rdata_from_wire(record.type, *octets) : std::nullopt;
  if (!data) {
    members.refuse(fmt::format("\"rdata\" is not that of a record of type {} in hexadecimal",
                               to_string(record.type)));
  } else {
    record.data = std::move(*data);
  }
  return record;
}

}  // namespace

Outcome RecordedMembers::outcome(const char* key) {
  const auto outcome = outcome_from(string(key));
  if (!outcome) refuse(fmt::format("\"{}\" is none that maildiag writes", key));
  return outcome.value_or(Outcome::malformed);
}

std::vector<Record> RecordedMembers::records(const char* key) {
  std::vector<Record> records;
  for (const auto& each : array(key, max_recorded_records))
    records.push_back(read_recorded(each, fault_));
  return records;
}

OrderedJson records_to_json(const std::vector<Record>& records) {
  OrderedJson list = OrderedJson::array();
  for (const auto& record : records) {
    list.push_back({{"name", record.name.to_string()},
                    {"type", to_string(record.type)},
                    {"ttl", record.ttl},
                    {"rdata", to_hex(rdata_to_wire(record.data))},
                    {"text", rdata_text(record)}});
  }
  return list;
}

}  // namespace maildiag::dns
