#include "report/json_parse.h"

#include <cstdint>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace maildiag::report {

namespace {

using Json = nlohmann::ordered_json;

Value to_value(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return json.get<std::int64_t>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get_ref<const std::string&>();
    case Json::value_t::array: {
      Value array = Value::array();
      for (const auto& item : json) array.push(to_value(item));
      return array;
    }
    case Json::value_t::object: {
      Value::Object members;
      members.reserve(json.size());
      for (const auto& [key, value] : json.items()) members.push_back({key, to_value(value)});
      return members;
    }
    default:
      return {};
  }
}

}  // namespace

std::optional<Value> parse_json(std::string_view text) {
  bool too_deep = false;
  const auto bounded = [&too_deep](int depth, Json::parse_event_t, const Json&) {
    too_deep = too_deep || depth > max_json_depth;
    return !too_deep;
  };
  const auto json = Json::parse(text.begin(), text.end(), bounded, false);
  if (json.is_discarded() || too_deep) return std::nullopt;
  return to_value(json);
}

}  // namespace maildiag::report
