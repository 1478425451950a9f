/// A BIMI assertion record as text (draft-brand-indicators-for-message-identification section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag::checks::bimi {

/// Prefixes of local parts that are read from lps=.
inline constexpr std::size_t max_prefixes = 50;
/// Faults of one record that are told: each of its commas can be one.
inline constexpr std::size_t max_record_problems = 50;

/// What keeps a record from counting, or is odd in it: a finding's id and what it is about.
struct Problem {
  std::string id;
  std::string tag;   ///< its name, empty where there is none
  std::string text;  ///< the value or part at fault, raw octets
};

struct Record {
  std::string text;
  std::string location;               ///< l=
  std::string evidence;               ///< a=
  std::string avatar;                 ///< avp=, "brand" where it is not said
  bool local_parts = false;           ///< lps= asks receivers for a selector out of the local part
  std::vector<std::string> prefixes;  ///< of the local parts that it is for; empty: all
  std::vector<Problem> problems;
  /// l= and a= are empty: no indicator, on purpose.
  bool declined() const { return location.empty() && evidence.empty(); }
};

/// Begins with "v=BIMI1"; everything else at the name is dropped (section 7.2).
bool is_record(std::string_view text);
/// Meant as one and yet none: "v=bimi1", or a v= that is not first.
bool looks_like_record(std::string_view text);
/// REQUIRES: is_record(text).
Record parse_record(std::string_view text);

}  // namespace maildiag::checks::bimi
