#include "checks/spf_record.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "core/text.h"

namespace maildiag::checks::spf {
namespace {

constexpr std::string_view version = "v=spf1";
/// Nearly no record has more; a stranger's may consist of spaces.
constexpr std::size_t usual_terms = 32;

struct MechanismName {
  std::string_view name;
  Mechanism mechanism;
};
constexpr std::array<MechanismName, 8> mechanism_names{{{"all", Mechanism::all},
                                                        {"include", Mechanism::include},
                                                        {"a", Mechanism::a},
                                                        {"mx", Mechanism::mx},
                                                        {"ptr", Mechanism::ptr},
                                                        {"ip4", Mechanism::ip4},
                                                        {"ip6", Mechanism::ip6},
                                                        {"exists", Mechanism::exists}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// "0", or digits without a leading zero, up to `limit` (sections 5.6 and 12).
std::optional<unsigned> parse_number(std::string_view digits, unsigned limit) {
  if (digits.empty() || digits.size() > 3 || (digits[0] == '0' && digits.size() > 1))
    return std::nullopt;
  unsigned value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= limit ? std::optional(value) : std::nullopt;
}

/// Exactly four qnums; IpAddress::parse is more generous.
std::optional<IpAddress> parse_ip4(std::string_view text) {
  std::array<std::uint8_t, 4> octets{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto end = i < 3 ? text.find('.') : text.size();
    const auto value = parse_number(text.substr(0, end), 255);
    if (!value || end == std::string_view::npos) return std::nullopt;
    octets.at(i) = static_cast<std::uint8_t>(*value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return IpAddress::from_v4(octets);
}

std::optional<IpAddress> parse_ip6(std::string_view text) {
  // "conventional notation" of RFC 4291 section 2.2: no brackets, tags or scopes.
  const bool plain = text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  if (!plain || text.find(':') == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text);
  return address && address->is_v6() ? address : std::nullopt;
}

/// A "/" and digits that stand last: taken off `text`.
std::optional<std::string_view> take_slash_digits(std::string_view& text) {
  auto start = text.size();
  while (start > 0 && is_digit(text[start - 1])) --start;
  if (start == text.size() || start == 0 || text[start - 1] != '/') return std::nullopt;
  const auto digits = text.substr(start);
  text.remove_suffix(digits.size() + 1);
  return digits;
}

class TermParser {
 public:
  TermParser(std::string_view text, std::size_t position, Record& record)
      : text_(text), position_(position), record_(record) {}

  void parse() {
    if (!std::all_of(text_.begin(), text_.end(), [](char c) { return c > 0x20 && c < 0x7f; }))
      return error(Syntax::bad_character);
    const bool qualified = std::string_view("+-?~").find(text_[0]) != std::string_view::npos;
    const auto body = qualified ? text_.substr(1) : text_;
    // A name runs up to the first character that no name has; "=" makes it a modifier
    // (section 4.6.1).
    const auto end = std::min(body.find_first_of(":/="), body.size());
    const auto name = body.substr(0, end);
    if (end < body.size() && body[end] == '=') {
      if (qualified) return error(Syntax::qualifier_on_modifier);
      return modifier(name, body.substr(end + 1));
    }
    directive(qualified ? text_[0] : '+', name, body.substr(end));
  }

 private:
  void error(Syntax problem) {
    if (record_.errors.size() < max_syntax_errors)
      record_.errors.push_back({problem, std::string(text_), position_});
  }

  void modifier(std::string_view name, std::string_view value) {
    const bool good_name =
        !name.empty() && is_alpha(name[0]) && std::all_of(name.begin(), name.end(), [](char c) {
          return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
        });
    if (!good_name) return error(Syntax::bad_modifier_name);
    Modifier parsed{text::ascii_lower(name), std::string(value), {}, std::string(text_), position_};
    const bool known = parsed.name == "redirect" || parsed.name == "exp";
    // Sections 6.1 and 6.2 need a domain-spec; it does not turn into an unknown modifier where it
    // is none.
    auto macro = known ? domain_spec(value) : parse_macro_string(value, MacroUse::modifier);
    if (!macro) {
      if (!known) error(Syntax::bad_macro);
      return;
    }
    parsed.macro = std::move(*macro);
    if (!known) {
      record_.others.push_back(std::move(parsed));
      return;
    }
    auto& slot = parsed.name == "exp" ? record_.explanation : record_.redirect;
    if (slot) return error(Syntax::duplicate_modifier);
    slot = std::move(parsed);
  }

  void directive(char qualifier, std::string_view name, std::string_view rest) {
    const auto lower = text::ascii_lower(name);
    const auto* known = std::find_if(mechanism_names.begin(), mechanism_names.end(),
                                     [&](const MechanismName& each) { return each.name == lower; });
    if (known == mechanism_names.end()) {
      const bool colon = !rest.empty() && rest[0] == ':' && (lower == "redirect" || lower == "exp");
      return error(colon ? Syntax::modifier_with_colon : Syntax::unknown_mechanism);
    }
    Directive parsed;
    parsed.qualifier = qualifier == '-'   ? Qualifier::fail
                       : qualifier == '~' ? Qualifier::softfail
                       : qualifier == '?' ? Qualifier::neutral
                                          : Qualifier::pass;
    parsed.mechanism = known->mechanism;
    parsed.text = text_;
    parsed.position = position_;
    if (argument(parsed, rest)) record_.directives.push_back(std::move(parsed));
  }

  bool argument(Directive& parsed, std::string_view rest) {
    switch (parsed.mechanism) {
      case Mechanism::all:
        if (!rest.empty()) error(Syntax::argument_not_allowed);
        return rest.empty();
      case Mechanism::ip4:
      case Mechanism::ip6:
        return network(parsed, rest);
      case Mechanism::a:
      case Mechanism::mx:
        return prefixes(parsed, rest) && target(parsed, rest, false);
      case Mechanism::ptr:
        return target(parsed, rest, false);
      case Mechanism::include:
      case Mechanism::exists:
        return target(parsed, rest, true);
    }
    return false;
  }

  /// dual-cidr-length at the end of `rest`; what is no valid one stays and then fails as a
  /// domain-spec.
  bool prefixes(Directive& parsed, std::string_view& rest) {
    const auto last = take_slash_digits(rest);
    if (!last) return true;
    if (!rest.empty() && rest.back() == '/') {
      rest.remove_suffix(1);
      const auto six = parse_number(*last, 128);
      if (!six) return bad_prefix();
      parsed.prefix6 = *six;
      const auto first = take_slash_digits(rest);
      return !first || prefix4(parsed, *first);
    }
    return prefix4(parsed, *last);
  }

  bool prefix4(Directive& parsed, std::string_view digits) {
    const auto four = parse_number(digits, 32);
    if (!four) return bad_prefix();
    parsed.prefix4 = *four;
    return true;
  }

  bool bad_prefix() {
    error(Syntax::bad_prefix_length);
    return false;
  }

  bool target(Directive& parsed, std::string_view rest, bool required) {
    if (rest.empty() && !required) return true;
    if (rest.empty()) {
      error(Syntax::argument_missing);
      return false;
    }
    if (rest[0] != ':') {
      // What is left of "a/24/64", or a prefix length where none belongs ("ptr/0", "include/24").
      const bool has_prefixes =
          parsed.mechanism == Mechanism::a || parsed.mechanism == Mechanism::mx;
      error(has_prefixes ? Syntax::bad_prefix_length : Syntax::argument_not_allowed);
      return false;
    }
    auto macro = domain_spec(rest.substr(1));
    if (macro) parsed.target = std::move(macro);
    return parsed.target.has_value();
  }

  std::optional<MacroString> domain_spec(std::string_view value) {
    if (value.empty()) {
      error(Syntax::argument_missing);
      return std::nullopt;
    }
    auto macro = parse_domain_spec(value);
    if (macro) return macro;
    if (!parse_macro_string(value, MacroUse::name)) {
      error(Syntax::bad_macro);
    } else if (parse_ip4(value.substr(0, value.find('/'))) ||
               parse_ip6(value.substr(0, value.find('/')))) {
      error(Syntax::ip_as_name);
    } else if (const auto slash = value.rfind('/');
               slash != std::string_view::npos && parse_domain_spec(value.substr(0, slash)) &&
               value.find_first_not_of("0123456789", slash + 1) == std::string_view::npos) {
      error(Syntax::bad_prefix_length);
    } else {
      error(Syntax::bad_domain_spec);
    }
    return std::nullopt;
  }

  bool network(Directive& parsed, std::string_view rest) {
    const bool four = parsed.mechanism == Mechanism::ip4;
    if (rest.size() < 2 || rest[0] != ':') {
      error(Syntax::argument_missing);
      return false;
    }
    rest.remove_prefix(1);
    const auto slash = rest.find('/');
    const auto address = four ? parse_ip4(rest.substr(0, slash)) : parse_ip6(rest.substr(0, slash));
    if (!address) {
      error(four ? Syntax::bad_ip4 : Syntax::bad_ip6);
      return false;
    }
    unsigned prefix = four ? 32 : 128;
    if (slash != std::string_view::npos) {
      const auto number = parse_number(rest.substr(slash + 1), prefix);
      if (!number) return bad_prefix();
      prefix = *number;
    }
    parsed.network.emplace(*address, prefix);
    parsed.host_bits = parsed.network->address() != *address;
    return true;
  }

  std::string_view text_;
  std::size_t position_;
  Record& record_;
};

}  // namespace

std::string_view to_string(Syntax problem) {
  switch (problem) {
    case Syntax::bad_character:
      return "bad-character";
    case Syntax::unknown_mechanism:
      return "unknown-mechanism";
    case Syntax::modifier_with_colon:
      return "modifier-with-colon";
    case Syntax::qualifier_on_modifier:
      return "qualifier-on-modifier";
    case Syntax::bad_modifier_name:
      return "bad-modifier-name";
    case Syntax::duplicate_modifier:
      return "duplicate-modifier";
    case Syntax::argument_missing:
      return "argument-missing";
    case Syntax::argument_not_allowed:
      return "argument-not-allowed";
    case Syntax::bad_ip4:
      return "bad-ip4";
    case Syntax::bad_ip6:
      return "bad-ip6";
    case Syntax::ip_as_name:
      return "ip-as-name";
    case Syntax::bad_prefix_length:
      return "bad-prefix-length";
    case Syntax::bad_macro:
      return "bad-macro";
    case Syntax::bad_domain_spec:
      return "bad-domain-spec";
  }
  return {};
}

bool is_spf_record(std::string_view text) {
  return text::starts_with_ignore_case(text, version) &&
         (text.size() == version.size() || text[version.size()] == ' ');
}

Record parse_record(std::string_view text) {
  Record record;
  text.remove_prefix(version.size());
  const auto spaces = static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
  record.directives.reserve(std::min(spaces, usual_terms));
  record.terms.reserve(std::min(spaces, usual_terms));
  for (std::size_t position = 0; !text.empty();) {
    const auto term = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(term.size() + 1, text.size()));
    if (term.empty()) continue;
    TermParser(term, position++, record).parse();
    record.terms.emplace_back(term);
  }
  return record;
}

std::vector<std::string> select_records(const dns::Answer& answer) {
  std::vector<std::string> records;
  for (const auto& record : answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&record.data);
    if (txt == nullptr || records.size() >= max_records) continue;
    auto joined = txt->joined();
    if (is_spf_record(joined)) records.push_back(std::move(joined));
  }
  return records;
}

}  // namespace maildiag::checks::spf
