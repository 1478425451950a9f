#include "core/json_parse.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace maildiag {

namespace {

using Json = nlohmann::json;

/// Builds the value from the parser's events: its own documents look for each member among those
/// before, which takes quadratic time in a hostile text.
class Builder : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return add({}); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(std::int64_t{value}); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    if (value > static_cast<number_unsigned_t>(most)) return add(static_cast<double>(value));
    return add(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool key(string_t& name) override {
    open_.back().key = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  Value take() { return std::move(root_); }

 private:
  struct Open {
    bool object = false;
    std::string key;
    Value::Object members;
    Value::Array items;
  };

  bool add(Value value) {
    if (++count_ > max_json_values) return false;
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().object) {
      open_.back().members.push_back({std::move(open_.back().key), std::move(value)});
    } else {
      open_.back().items.push_back(std::move(value));
    }
    return true;
  }
  bool open(bool object) {
    if (open_.size() >= static_cast<std::size_t>(max_json_depth)) return false;
    open_.emplace_back();
    open_.back().object = object;
    return true;
  }
  bool close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    return done.object ? add(std::move(done.members)) : add(std::move(done.items));
  }

  Value root_;
  std::vector<Open> open_;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<Value> parse_json(std::string_view text) {
  Builder builder;
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return builder.take();
}

}  // namespace maildiag
