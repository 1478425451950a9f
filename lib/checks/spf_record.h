/// The grammar of an SPF record (RFC 7208 sections 4.5, 4.6.1, 5, 6 and 12).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/spf_macro.h"
#include "core/ip_address.h"
#include "dns/answer.h"

namespace maildiag::checks::spf {

enum class Qualifier { pass, fail, softfail, neutral };
enum class Mechanism { all, include, a, mx, ptr, ip4, ip6, exists };

struct Directive {
  Qualifier qualifier = Qualifier::pass;
  Mechanism mechanism = Mechanism::all;
  std::optional<MacroString> target;     ///< domain-spec; nullopt: the domain itself
  std::optional<IpNetwork> network;      ///< ip4 and ip6
  unsigned prefix4 = 32, prefix6 = 128;  ///< a and mx
  bool host_bits = false;                ///< ip4 and ip6: bits were set below the prefix
  std::string text;                      ///< as written
  std::size_t position = 0;              ///< among the terms

  /// One of the ten (section 4.6.4).
  bool asks_dns() const { return mechanism != Mechanism::all && !network; }
};

struct Modifier {
  std::string name;   ///< lower case
  std::string value;  ///< as written
  MacroString macro;
  std::string text;
  std::size_t position = 0;
};

/// What is wrong with a term. The names, with "spf." before them, are findings.
enum class Syntax {
  bad_character,  ///< outside printable ASCII (section 4.6.1: ABNF of section 12)
  unknown_mechanism,
  modifier_with_colon,  ///< redirect: or exp: instead of redirect= or exp=
  qualifier_on_modifier,
  bad_modifier_name,
  duplicate_modifier,  ///< redirect= or exp= twice (section 6)
  argument_missing,
  argument_not_allowed,
  bad_ip4,
  bad_ip6,
  ip_as_name,  ///< a:192.0.2.1
  bad_prefix_length,
  bad_macro,
  bad_domain_spec,
};
std::string_view to_string(Syntax problem);  // "bad-character" ...

struct SyntaxError {
  Syntax problem{};
  std::string term;
  std::size_t position = 0;  ///< among the terms
};
/// More errors in one record are not collected: one decides, a person corrects a handful at a time.
inline constexpr std::size_t max_syntax_errors = 20;

struct Record {
  std::vector<Directive> directives;
  std::optional<Modifier> redirect, explanation;
  std::vector<Modifier> others;
  std::vector<std::string> terms;   ///< as written, in order
  std::vector<SyntaxError> errors;  ///< not empty: the record is a permerror (section 4.6)
};

/// "v=spf1" in any case, followed by a space or the end (section 4.5).
bool is_spf_record(std::string_view text);
/// Everything, before anything is evaluated. REQUIRES: is_spf_record(text).
Record parse_record(std::string_view text);

/// The TXT records that are SPF records, strings joined (sections 3.3 and 4.5), at most max_records
/// of them.
std::vector<std::string> select_records(const dns::Answer& answer);
/// A second one is an error already; some are told.
inline constexpr std::size_t max_records = 16;

}  // namespace maildiag::checks::spf
