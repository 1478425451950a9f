#include "dns/answer_json.h"

#include <limits>
#include <optional>
#include <utility>

#include "dns/record_json.h"

namespace maildiag::dns {
namespace {

/// More than any resolver follows.
constexpr std::size_t max_chain = 256;

Answer read_answer(const Json& object, std::optional<std::string>& fault) {
  RecordedMembers members(object, fault);
  Answer answer;
  RecordedMembers question(members.member("question"), fault);
  answer.question = {question.name("name"), question.type("type")};
  answer.outcome = members.outcome("outcome");
  answer.rcode = static_cast<int>(members.integer("rcode", -1, 0xfff));  // RFC 6891 section 6.1.3
  answer.records = members.records("records");
  for (const auto& record : answer.records) {
    if (record.type != answer.question.type && answer.question.type != RecordType::any)
      members.refuse("a record of another type than the question's");
  }
  if (answer.found() == answer.records.empty()) {
    members.refuse("the outcome \"answer\" goes with records, the others without");
  }
  if (answer.found() && answer.rcode > 0)
    members.refuse("the outcome \"answer\" goes with \"rcode\" 0");
  for (const auto& each : members.array("cname_chain", max_chain)) {
    if (!each.is_string()) members.refuse("\"cname_chain\" holds something else than a name");
    answer.cname_chain.push_back(members.name_of(each.is_string() ? each.get<std::string>() : "."));
  }
  answer.ttl = static_cast<std::uint32_t>(
      members.integer("ttl", 0, std::numeric_limits<std::uint32_t>::max()));
  answer.server = members.string("server");
  answer.elapsed = members.elapsed("ms");
  answer.authenticated = members.boolean("ad");
  answer.detail = members.string("detail");
  return answer;
}

}  // namespace

std::string answer_to_json(const Answer& answer) {
  OrderedJson chain = OrderedJson::array();
  for (const auto& name : answer.cname_chain) chain.push_back(name.to_string());
  const OrderedJson object = {
      {"question",
       {{"name", answer.question.name.to_string()}, {"type", to_string(answer.question.type)}}},
      {"outcome", std::string(to_string(answer.outcome))},
      {"rcode", answer.rcode},
      {"records", records_to_json(answer.records)},
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
