/// A small ordered JSON-like value: what findings and reports carry as data.
///
/// Values are plain data with value semantics; distinct objects may be used from distinct threads.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <maildiag/export.h>

namespace maildiag {

struct Member;
class NewMember;

class MAILDIAG_EXPORT Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;  ///< members in the order in which they were set

  // Out of line, because Member is incomplete here.
  Value();
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  // Implicit on purpose: a value is written as the thing that it holds.
  Value(std::nullptr_t);          // NOLINT(google-explicit-constructor)
  Value(bool value);              // NOLINT(google-explicit-constructor)
  Value(double value);            // NOLINT(google-explicit-constructor)
  Value(std::string value);       // NOLINT(google-explicit-constructor)
  Value(std::string_view value);  // NOLINT(google-explicit-constructor)
  Value(const char* value);       // NOLINT(google-explicit-constructor)
  Value(Array value);             // NOLINT(google-explicit-constructor)
  Value(Object value);            // NOLINT(google-explicit-constructor)
  template <std::integral T>
  // NOLINTNEXTLINE(google-explicit-constructor)
  requires(!std::same_as<T, bool>) Value(T value)
      : Value(Integer{static_cast<std::int64_t>(value)}) {}

  /// `Value::object({{"name", "mx1"}, {"port", 25}})`. The values are moved out of the list.
  static Value object(std::initializer_list<NewMember> members);
  static Value object();
  static Value array();
  static Value strings(const std::vector<std::string>& items);

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }

  /// The contained value, or a neutral one (false, 0, "", empty) where the type differs.
  bool as_bool() const;
  std::int64_t as_integer() const;
  double as_double() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;

  /// The member named `key` of an object, or nullptr.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  /// The member named `key`, or a null value.
  const Value& operator[](std::string_view key) const;

  /// Sets or replaces a member. A null value becomes an object first. Returns *this.
  Value& set(std::string_view key, Value value);
  /// Appends to an array. A null value becomes an array first. Returns *this.
  Value& push(Value value);

  /// Text for templates and tables: strings as they are, numbers in decimal, arrays joined by ", ".
  std::string to_text() const;

  friend bool operator==(const Value&, const Value&);

 private:
  struct Integer {
    std::int64_t value;
  };
  explicit Value(Integer integer);

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

struct Member {
  std::string key;
  Value value;
  friend bool operator==(const Member&, const Member&) = default;
};

/// A member in a list in braces, which gives out its elements as constant ones only.
class NewMember {
 public:
  NewMember(std::string key, Value value) : member_{std::move(key), std::move(value)} {}

 private:
  friend class Value;
  mutable Member member_;
};

}  // namespace maildiag
