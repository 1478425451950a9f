#include <algorithm>

#include <fmt/format.h>

#include <maildiag/value.h>

namespace maildiag {

namespace {
const std::string empty_string;
const Value::Array empty_array;
const Value::Object empty_object;
const Value null_value;
}  // namespace

Value::Value() = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value::Value(std::nullptr_t) {}
Value::Value(bool value) : data_(value) {}
Value::Value(double value) : data_(value) {}
Value::Value(std::string value) : data_(std::move(value)) {}
Value::Value(std::string_view value) : data_(std::string(value)) {}
Value::Value(const char* value) : data_(std::string(value)) {}
Value::Value(Array value) : data_(std::move(value)) {}
Value::Value(Object value) : data_(std::move(value)) {}
Value::Value(Integer integer) : data_(integer.value) {}

Value Value::array() {
  return Value(Array{});
}

Value Value::object() {
  return Value(Object{});
}

Value Value::object(std::initializer_list<NewMember> members) {
  Object object;
  object.reserve(members.size());
  for (const auto& each : members) object.push_back(std::move(each.member_));
  return Value(std::move(object));
}

Value Value::strings(const std::vector<std::string>& items) {
  return Value(Array(items.begin(), items.end()));
}

bool Value::as_bool() const {
  const auto* value = std::get_if<bool>(&data_);
  return value != nullptr && *value;
}

std::int64_t Value::as_integer() const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return *value;
  // Beyond its range a conversion is undefined; NaN fails both comparisons.
  constexpr double bound = 9.2e18;
  const auto* value = std::get_if<double>(&data_);
  return value != nullptr && *value > -bound && *value < bound ? static_cast<std::int64_t>(*value)
                                                               : 0;
}

double Value::as_double() const {
  if (const auto* value = std::get_if<double>(&data_)) return *value;
  return static_cast<double>(as_integer());
}

const std::string& Value::as_string() const {
  const auto* value = std::get_if<std::string>(&data_);
  return value != nullptr ? *value : empty_string;
}

const Value::Array& Value::as_array() const {
  const auto* value = std::get_if<Array>(&data_);
  return value != nullptr ? *value : empty_array;
}

const Value::Object& Value::as_object() const {
  const auto* value = std::get_if<Object>(&data_);
  return value != nullptr ? *value : empty_object;
}

const Value* Value::find(std::string_view key) const {
  const auto& members = as_object();
  const auto found = std::ranges::find(members, key, &Member::key);
  return found != members.end() ? &found->value : nullptr;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(static_cast<const Value*>(this)->find(key));
}

const Value& Value::operator[](std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr ? *value : null_value;
}

Value& Value::set(std::string_view key, Value value) {
  if (!is_object()) data_ = Object{};
  if (Value* existing = find(key)) {
    *existing = std::move(value);
  } else {
    auto& members = std::get<Object>(data_);
    // Moved once less often than by growing from one; twice as many are still below 1,032 octets,
    // up to which malloc() keeps what was freed at hand.
    constexpr std::size_t usual_members = 7;
    if (members.size() == members.capacity())
      members.reserve(std::max(usual_members, 2 * members.size()));
    members.push_back(Member{std::string(key), std::move(value)});
  }
  return *this;
}

Value& Value::push(Value value) {
  if (!is_array()) data_ = Array{};
  std::get<Array>(data_).push_back(std::move(value));
  return *this;
}

std::string Value::to_text() const {
  if (is_string()) return as_string();
  if (is_bool()) return as_bool() ? "true" : "false";
  if (is_integer()) return fmt::format("{}", as_integer());
  if (is_double()) return fmt::format("{}", as_double());
  std::string text;
  const auto append = [&text](const std::string& part) {
    if (!text.empty()) text += ", ";
    text += part;
  };
  for (const auto& item : as_array()) append(item.to_text());
  for (const auto& member : as_object()) append(member.key + "=" + member.value.to_text());
  return text;
}

MAILDIAG_EXPORT bool operator==(const Value& a, const Value& b) {
  return a.data_ == b.data_;
}

}  // namespace maildiag
