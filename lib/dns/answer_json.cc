#include "dns/answer_json.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dns/hex.h"
#include "dns/rdata.h"

namespace maildiag::dns {
namespace {

/// For reading: the one that keeps the order looks for each member among all before it.
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// As many as the guard lets through in a message; no answer that we write has more.
constexpr std::size_t max_records = 4096;
/// More than any resolver follows.
constexpr std::size_t max_chain = 256;

std::optional<Outcome> outcome_from(std::string_view word) {
  for (int number = 0; number <= static_cast<int>(Outcome::not_recorded); ++number) {
    const auto outcome = static_cast<Outcome>(number);
    if (to_string(outcome) == word) return outcome;
  }
  return std::nullopt;
}

/// Members of an object of the recording; the first fault is kept and everything after it is
/// neutral.
class Members {
 public:
  Members(const Json& object, std::optional<std::string>& fault) : object_(object), fault_(fault) {
    if (!object.is_object()) refuse("not an object");
  }

  std::string string(const char* key) {
    const auto* member = find(key);
    if (member != nullptr && member->is_string()) return member->get<std::string>();
    refuse(fmt::format("\"{}\" is missing or not a string", key));
    return {};
  }
  std::int64_t integer(const char* key, std::int64_t least, std::int64_t most) {
    const auto* member = find(key);
    if (member != nullptr && member->is_number_integer()) {
      // Above the signed range, an unsigned number would come back negative.
      const bool fits = !member->is_number_unsigned() ||
                        member->get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
      const auto value = member->get<std::int64_t>();
      if (fits && value >= least && value <= most) return value;
    }
    refuse(fmt::format("\"{}\" is missing or not a number from {} to {}", key, least, most));
    return least;
  }
  double number(const char* key, double most) {
    const auto* member = find(key);
    const auto value = member != nullptr && member->is_number() ? member->get<double>() : -1.0;
    if (value >= 0 && value <= most) return value;
    refuse(fmt::format("\"{}\" is missing or not a number from 0 to {}", key, most));
    return 0;
  }
  bool boolean(const char* key) {
    const auto* member = find(key);
    if (member != nullptr && member->is_boolean()) return member->get<bool>();
    refuse(fmt::format("\"{}\" is missing or neither true nor false", key));
    return false;
  }
  const Json& array(const char* key, std::size_t most) {
    static const Json nothing = Json::array();
    const auto* member = find(key);
    if (member != nullptr && member->is_array() && member->size() <= most) return *member;
    refuse(fmt::format("\"{}\" is missing or not a list of at most {}", key, most));
    return nothing;
  }
  const Json& member(const char* key) {
    static const Json nothing;
    const auto* found = find(key);
    if (found != nullptr) return *found;
    refuse(fmt::format("\"{}\" is missing", key));
    return nothing;
  }
  DomainName name(const char* key) { return name_of(string(key)); }
  DomainName name_of(const std::string& text) {
    auto parsed = DomainName::parse(text);
    if (!parsed) refuse(fmt::format("\"{:.300}\" is not a domain name", text));
    return parsed.value_or(DomainName());
  }
  RecordType type(const char* key) {
    const auto parsed = record_type_from(string(key));
    if (!parsed) refuse(fmt::format("\"{}\" is not a record type", key));
    return parsed.value_or(RecordType{});
  }
  void refuse(std::string message) {
    if (!fault_) fault_ = std::move(message);
  }

 private:
  const Json* find(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  const Json& object_;
  std::optional<std::string>& fault_;
};

Record read_record(const Json& object, std::optional<std::string>& fault) {
  Members members(object, fault);
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

Answer read_answer(const Json& object, std::optional<std::string>& fault) {
  Members members(object, fault);
  Answer answer;
  Members question(members.member("question"), fault);
  answer.question = {question.name("name"), question.type("type")};
  const auto outcome = outcome_from(members.string("outcome"));
  if (!outcome) members.refuse("\"outcome\" is none that maildiag writes");
  answer.outcome = outcome.value_or(Outcome::malformed);
  answer.rcode = static_cast<int>(members.integer("rcode", -1, 0xfff));  // RFC 6891 section 6.1.3
  for (const auto& each : members.array("records", max_records)) {
    answer.records.push_back(read_record(each, fault));
    const auto type = answer.records.back().type;
    if (type != answer.question.type && answer.question.type != RecordType::any) {
      members.refuse("a record of another type than the question's");
    }
  }
  if (answer.found() == answer.records.empty()) {
    members.refuse("the outcome \"answer\" goes with records, the others without");
  }
  for (const auto& each : members.array("cname_chain", max_chain)) {
    if (!each.is_string()) members.refuse("\"cname_chain\" holds something else than a name");
    answer.cname_chain.push_back(members.name_of(each.is_string() ? each.get<std::string>() : "."));
  }
  answer.ttl = static_cast<std::uint32_t>(
      members.integer("ttl", 0, std::numeric_limits<std::uint32_t>::max()));
  answer.server = members.string("server");
  constexpr double day_ms = 86'400'000;
  answer.elapsed = std::chrono::microseconds(std::llround(members.number("ms", day_ms) * 1000.0));
  answer.authenticated = members.boolean("ad");
  answer.detail = members.string("detail");
  return answer;
}

}  // namespace

std::string answer_to_json(const Answer& answer) {
  OrderedJson records = OrderedJson::array();
  for (const auto& record : answer.records) {
    records.push_back({{"name", record.name.to_string()},
                       {"type", to_string(record.type)},
                       {"ttl", record.ttl},
                       {"rdata", to_hex(rdata_to_wire(record.data))},
                       {"text", rdata_text(record)}});
  }
  OrderedJson chain = OrderedJson::array();
  for (const auto& name : answer.cname_chain) chain.push_back(name.to_string());
  const OrderedJson object = {
      {"question",
       {{"name", answer.question.name.to_string()}, {"type", to_string(answer.question.type)}}},
      {"outcome", std::string(to_string(answer.outcome))},
      {"rcode", answer.rcode},
      {"records", std::move(records)},
      {"cname_chain", std::move(chain)},
      {"ttl", answer.ttl},
      {"server", answer.server},
      {"ms", static_cast<double>(answer.elapsed.count()) / 1000.0},
      {"ad", answer.authenticated},
      {"detail", answer.detail}};
  return object.dump(-1, ' ', true, OrderedJson::error_handler_t::replace);
}

Result<Answer> answer_from_json(std::string_view line) {
  const auto object = Json::parse(line, nullptr, false);
  if (object.is_discarded()) return fail_with(ErrorCode::bad_data, "not a line of JSON");
  std::optional<std::string> fault;
  auto answer = read_answer(object, fault);
  if (fault) return fail(ErrorCode::bad_data, *fault);
  return answer;
}

}  // namespace maildiag::dns
