/// Hides secrets in text that leaves the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <maildiag/value.h>

namespace maildiag {

/// What stands in a secret's place.
inline constexpr std::string_view masked_secret = "****";

/// Finds secrets whatever their case, as names in DNS have none that counts.
class SecretMask {
 public:
  SecretMask() = default;
  explicit SecretMask(std::vector<std::string> secrets);

  void add(std::string secret);
  bool empty() const { return secrets_.empty(); }
  bool hits(std::string_view text) const;
  /// The text with each secret replaced.
  std::string apply(std::string_view text) const;
  /// Replaces them in all strings and names of members of the value, at any depth.
  void apply(Value& value) const;
  /// Overwrites them without a change of length: for octets that have a structure.
  void overwrite(std::string& octets) const;

 private:
  std::vector<std::string> secrets_;  // lower case, the longest first
};

}  // namespace maildiag
