/// Answers of port-43 servers (RFC 3912): text for people, taken apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain_name.h"

namespace maildiag::checks::whois {

/// Lines that are read and octets of each; a registry's longest answers have some 300.
inline constexpr std::size_t max_lines = 4000, max_line = 1000;

struct Field {
  std::string key;    ///< lower case, without blanks around
  std::string value;  ///< one safe line
};
/// Fields up to an empty line or a heading: what belongs to one object.
struct Block {
  std::string heading;  ///< "[ Network Information ]" without its brackets, lower case
  std::vector<Field> fields;

  /// The first value of the first of the keys that has one; empty: none.
  std::string_view get(std::initializer_list<std::string_view> keys) const;
  bool has(std::initializer_list<std::string_view> keys) const { return !get(keys).empty(); }
};

struct WhoisText {
  std::vector<Block> blocks;
  std::vector<std::string> remarks;  ///< lines with % or # in front, without it
};
/// `text` is UTF-8. Of an answer in Korean and in English (KRNIC) one half is read.
WhoisText parse_whois(std::string_view text, bool korean);

enum class WhoisVerdict { record, not_found, rate_limited };
/// What the answer is as a whole, by the words that registries use.
WhoisVerdict judge_whois(std::string_view text);

/// The server that this answer refers to: "refer:" of IANA, "ReferralServer:" of ARIN. nullopt:
/// none, or not a port-43 server's name.
std::optional<DomainName> find_referral(const WhoisText& text);
/// The same of "Registrar WHOIS Server:", by which a thin registry (.com) says who knows more.
std::optional<DomainName> find_registrar_server(const WhoisText& text);

}  // namespace maildiag::checks::whois
