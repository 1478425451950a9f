/// The JSON objects of the C interface, read strictly: known members only, each of its type.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <maildiag/error.h>
#include <maildiag/ranges.h>
#include <maildiag/value.h>

namespace maildiag::session {

/// Each read() takes a member into a variable, which keeps its value where there is none of that
/// name; after all of them, fault() says what was wrong.
class Members {
 public:
  /// `text`: an object in JSON; nullptr and "" stand for an empty one.
  explicit Members(const char* text);

  void read(std::string_view key, bool& to);
  void read(std::string_view key, double& to);
  void read(std::string_view key, std::string& to);
  void read(std::string_view key, std::vector<std::string>& to);
  void read(std::string_view key, std::map<std::string, std::string>& to);
  /// A number that fits.
  template <std::integral T>
  void read(std::string_view key, T& to) {
    const auto least = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    constexpr std::uint64_t widest = std::numeric_limits<std::int64_t>::max();
    const std::uint64_t most = std::numeric_limits<T>::max();
    if (const auto number = integer(key, least, static_cast<std::int64_t>(std::min(most, widest))))
      to = static_cast<T>(*number);
  }
  /// One in a range.
  template <std::integral T>
  void read(std::string_view key, T& to, const Range<T>& range) {
    if (const auto number = integer(key, range.least, range.most)) to = static_cast<T>(*number);
  }
  template <std::integral T>
  void read(std::string_view key, std::vector<T>& to, const Range<T>& range) {
    for (const auto& number : integers(key, range.least, range.most))
      to.push_back(static_cast<T>(number));
  }
  /// A member that may be left out, or null.
  template <class T, class... Limits>
  void read(std::string_view key, std::optional<T>& to, const Limits&... range) {
    if (T value{}; find_present(key)) {
      read(key, value, range...);
      to = std::move(value);
    }
  }

  /// usage: no JSON object, a member of another type, or one that nobody has read.
  std::optional<Error> fault() const;

 private:
  const Value* find(std::string_view key);
  bool find_present(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t least, std::int64_t most);
  /// "`key` must be ...": the first fault stays.
  void complain(Error fault);
  void complain(std::string_view key, std::string_view type);

  Value object_;
  std::vector<std::string_view> known_;
  std::optional<Error> fault_;
};

}  // namespace maildiag::session
