/// What the lines of a recording have in common: their members, and records in them.
#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "dns/answer.h"

namespace maildiag::dns {

/// For reading: the one that keeps the order looks for each member among all before it.
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// As many as the guard lets through in a message; no answer that we write has more.
inline constexpr std::size_t max_recorded_records = 4096;

/// Members of an object of the recording; the first fault is kept and everything after it is
/// neutral.
class RecordedMembers {
 public:
  RecordedMembers(const Json& object, std::optional<std::string>& fault)
      : object_(object), fault_(fault) {
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
    if (!parsed) refuse(fmt::format("\"{:.300}\" is not a domain name", text::sanitize(text)));
    return parsed.value_or(DomainName());
  }
  Outcome outcome(const char* key);
  /// In microseconds; in the file in milliseconds, at most a day.
  std::chrono::microseconds elapsed(const char* key) {
    constexpr double day_ms = 86'400'000;
    return std::chrono::microseconds(std::llround(number(key, day_ms) * 1000.0));
  }
  std::vector<Record> records(const char* key);
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

OrderedJson records_to_json(const std::vector<Record>& records);

}  // namespace maildiag::dns
