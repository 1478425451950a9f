#include "session/c_members.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/json_parse.h"
#include "core/result.h"
#include "core/text.h"

namespace maildiag::session {

Members::Members(const char* text) : object_(Value::object()) {
  if (text == nullptr || *text == '\0') return;
  auto parsed = parse_json(text);
  if (!parsed) {
    fault_ = make_error(ErrorCode::usage,
                        "not JSON in UTF-8, a number out of range, or nested more than {} deep",
                        max_json_depth);
  } else if (!parsed->is_object()) {
    fault_ = make_error(ErrorCode::usage, "an object is needed, such as {}",
                        R"({"targets": ["example.com"]})");
  } else {
    object_ = std::move(*parsed);
  }
}

const Value* Members::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  return object_.find(key);
}

bool Members::find_present(std::string_view key) {
  const auto* value = find(key);
  return value != nullptr && !value->is_null();
}

void Members::complain(Error fault) {
  if (!fault_) fault_ = std::move(fault);
}

void Members::complain(std::string_view key, std::string_view type) {
  complain(make_error(ErrorCode::usage, "`{}` must be {}", key, type));
}

void Members::read(std::string_view key, bool& to) {
  const auto* value = find(key);
  if (value == nullptr) return;
  if (!value->is_bool()) return complain(key, "true or false");
  to = value->as_bool();
}

void Members::read(std::string_view key, double& to) {
  const auto* value = find(key);
  if (value == nullptr) return;
  if (!value->is_double() && !value->is_integer()) return complain(key, "a number");
  to = value->is_double() ? value->as_double() : static_cast<double>(value->as_integer());
}

void Members::read(std::string_view key, std::string& to) {
  const auto* value = find(key);
  if (value == nullptr) return;
  if (!value->is_string()) return complain(key, "a string");
  to = value->as_string();
}

void Members::read(std::string_view key, std::vector<std::string>& to) {
  const auto* value = find(key);
  if (value == nullptr) return;
  const auto& items = value->as_array();
  if (!value->is_array() ||
      !std::all_of(items.begin(), items.end(), [](const Value& item) { return item.is_string(); }))
    return complain(key, "an array of strings");
  to.clear();
  for (const auto& item : items) to.push_back(item.as_string());
}

void Members::read(std::string_view key, std::map<std::string, std::string>& to) {
  const auto* value = find(key);
  if (value == nullptr) return;
  const auto& members = value->as_object();
  if (!value->is_object() || !std::all_of(members.begin(), members.end(), [](const Member& member) {
        return member.value.is_string();
      }))
    return complain(key, "an object of strings");
  for (const auto& member : members) to[member.key] = member.value.as_string();
}

std::optional<std::int64_t> Members::integer(std::string_view key, std::int64_t least,
                                             std::int64_t most) {
  const auto* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_integer() && value->as_integer() >= least && value->as_integer() <= most)
    return value->as_integer();
  complain(
      make_error(ErrorCode::usage, "`{}` must be a whole number from {} to {}", key, least, most));
  return std::nullopt;
}

std::vector<std::int64_t> Members::integers(std::string_view key, std::int64_t least,
                                            std::int64_t most) {
  std::vector<std::int64_t> result;
  const auto* value = find(key);
  if (value == nullptr) return result;
  bool good = value->is_array();
  for (const auto& item : value->as_array()) {
    good = good && item.is_integer() && item.as_integer() >= least && item.as_integer() <= most;
    result.push_back(item.as_integer());
  }
  if (good) return result;
  complain(make_error(ErrorCode::usage, "`{}` must be an array of whole numbers from {} to {}", key,
                      least, most));
  return {};
}

std::optional<Error> Members::fault() const {
  if (fault_) return fault_;
  for (const auto& member : object_.as_object()) {
    if (std::find(known_.begin(), known_.end(), member.key) == known_.end())
      return make_error(ErrorCode::usage, "there is no member `{}`; known: {}",
                        text::truncate(text::sanitize(member.key), 40),
                        fmt::format("{}", fmt::join(known_, ", ")));
  }
  return std::nullopt;
}

}  // namespace maildiag::session
