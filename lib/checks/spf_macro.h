/// Macro strings of RFC 7208 section 7: parsed once, expanded as often as needed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain_name.h"
#include "core/ip_address.h"

namespace maildiag::checks::spf {

/// Longest name in a query, in text (section 7.3).
inline constexpr std::size_t max_query_name = 253;
/// Longest text of an explanation that is kept: SMTP replies are short, and this one is a
/// stranger's.
inline constexpr std::size_t max_explanation = 512;

struct MacroToken {
  std::string literal;  ///< where letter is 0
  char letter = 0;      ///< lower case
  bool escape = false;  ///< an upper-case letter: the value is URL-escaped
  unsigned keep = 0;    ///< right-hand parts to keep; 0: all
  bool reverse = false;
  std::string delimiters;  ///< empty: "."
};

struct MacroString {
  std::vector<MacroToken> tokens;
  bool uses(char letter) const;
  /// A macro other than %d and %o occurs: the result depends on the mail.
  bool depends_on_mail() const;
};

enum class MacroUse {
  name,      ///< a domain-spec or a modifier's value: the letters c, r and t are not allowed, nor
             ///< spaces
  modifier,  ///< of an unknown modifier: the letters c, r and t are allowed by the grammar
  explanation,  ///< the text that exp= leads to: spaces too
};

/// nullopt: not a macro-string (section 7.1).
std::optional<MacroString> parse_macro_string(std::string_view text, MacroUse use);
/// macro-string domain-end: ends in a dot and a toplabel, or in a macro (section 7.1).
std::optional<MacroString> parse_domain_spec(std::string_view text);
/// toplabel of section 7.1: letters and digits with one letter at least, or with an inner hyphen.
bool is_toplabel(std::string_view label);

/// What macros stand for. All texts are raw octets.
struct MacroValues {
  std::string local_part;
  std::string sender_domain;  ///< %{o}
  std::string domain;         ///< %{d}: changes with include and redirect
  IpAddress ip;
  std::string validated = "unknown";  ///< %{p}: the caller finds it out where uses('p')
  std::string helo;
  std::string receiver;
  long long now = 0;  ///< %{t}
};

/// The most that an expansion grows to: more than any name or explanation needs.
inline constexpr std::size_t max_expansion = 4096;

/// A name to query: expanded, without a final dot, labels dropped from the left until it has 253
/// octets (section 7.3). Only where the last label alone is longer it stays so: no name.
std::string expand_name(const MacroString& macro, const MacroValues& values);
/// Printable ASCII, at most max_explanation octets; empty if it is not (section 6.2).
std::string expand_explanation(const MacroString& macro, const MacroValues& values);

/// The labels as they are, no escapes. nullopt: an empty or too long label.
std::optional<DomainName> to_domain_name(std::string_view text);

}  // namespace maildiag::checks::spf
