#include "checks/spf_macro.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"

namespace maildiag::checks::spf {
namespace {

// Section 7.1. No locale: a record is octets.
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_macro_literal(char c) {
  return c >= 0x21 && c <= 0x7e && c != '%';
}
bool is_delimiter(char c) {
  return std::string_view(".-+,/_=").find(c) != std::string_view::npos;
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool letter_allowed(char letter, MacroUse use) {
  constexpr std::string_view everywhere = "slodiphv";
  constexpr std::string_view in_text = "crt";
  if (everywhere.find(letter) != std::string_view::npos) return true;
  return use != MacroUse::name && in_text.find(letter) != std::string_view::npos;
}

/// The inside of %{...}: letter, digits, "r", delimiters.
std::optional<MacroToken> parse_expand(std::string_view inside, MacroUse use) {
  if (inside.empty() || !is_alpha(inside[0])) return std::nullopt;
  MacroToken token;
  token.letter = lower(inside[0]);
  token.escape = token.letter != inside[0];
  if (!letter_allowed(token.letter, use)) return std::nullopt;
  std::size_t at = 1;
  constexpr unsigned enough = 128;  // more labels than a name has
  const std::size_t digits = at;
  for (; at < inside.size() && is_digit(inside[at]); ++at)
    token.keep = std::min(enough, token.keep * 10 + static_cast<unsigned>(inside[at] - '0'));
  // "the value MUST be nonzero" (section 7.3)
  if (at > digits && token.keep == 0) return std::nullopt;
  if (at < inside.size() && lower(inside[at]) == 'r') {
    token.reverse = true;
    ++at;
  }
  token.delimiters = inside.substr(at);
  if (!std::all_of(token.delimiters.begin(), token.delimiters.end(), is_delimiter))
    return std::nullopt;
  return token;
}

void add_literal(MacroString& macro, std::string_view text) {
  if (macro.tokens.empty() || macro.tokens.back().letter != 0) macro.tokens.emplace_back();
  macro.tokens.back().literal += text;
}

/// %i: dotted quad, or upper-case nibbles with dots (section 7.4).
std::string dotted_ip(const IpAddress& ip) {
  if (ip.is_v4()) return ip.to_string();
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string text;
  for (std::size_t i = 0; i < ip.size(); ++i) {
    for (const unsigned nibble : {static_cast<unsigned>(ip.data()[i]) >> 4U, ip.data()[i] & 15U}) {
      if (!text.empty()) text += '.';
      text += hex[nibble];
    }
  }
  return text;
}

std::string value_of(char letter, const MacroValues& values) {
  switch (letter) {
    case 's':
      return values.local_part + '@' + values.sender_domain;
    case 'l':
      return values.local_part;
    case 'o':
      return values.sender_domain;
    case 'd':
      return values.domain;
    case 'i':
      return dotted_ip(values.ip);
    case 'p':
      return values.validated;
    case 'v':
      return values.ip.is_v4() ? "in-addr" : "ip6";
    case 'h':
      return values.helo;
    case 'c':
      return values.ip.to_string();
    case 'r':
      return values.receiver;
    case 't':
      return std::to_string(values.now);
    default:
      return {};
  }
}

std::string transform(const std::string& value, const MacroToken& token) {
  const std::string_view delimiters =
      token.delimiters.empty() ? std::string_view(".") : token.delimiters;
  if (token.keep == 0 && !token.reverse && delimiters == ".") return value;
  std::vector<std::string_view> parts;
  const std::string_view text = value;
  for (std::size_t start = 0;;) {
    const auto end = text.find_first_of(delimiters, start);
    parts.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) break;
    start = end + 1;
  }
  if (token.reverse) std::reverse(parts.begin(), parts.end());
  const std::size_t first =
      token.keep != 0 && parts.size() > token.keep ? parts.size() - token.keep : 0;
  std::string joined;
  for (std::size_t i = first; i < parts.size(); ++i) {
    if (i > first) joined += '.';
    joined += parts[i];
  }
  return joined;
}

/// RFC 3986 section 2.1; what is unreserved stays.
std::string url_escape(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      escaped += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += hex[octet >> 4U];
    escaped += hex[octet & 15U];
  }
  return escaped;
}

std::string expand_token(const MacroToken& token, const MacroValues& values) {
  if (token.letter == 0) return token.literal;
  const auto value = transform(value_of(token.letter, values), token);
  return token.escape ? url_escape(value) : value;
}

}  // namespace

bool MacroString::uses(char letter) const {
  return std::any_of(tokens.begin(), tokens.end(),
                     [letter](const MacroToken& token) { return token.letter == letter; });
}

bool MacroString::depends_on_mail() const {
  return std::any_of(tokens.begin(), tokens.end(), [](const MacroToken& token) {
    return token.letter != 0 && token.letter != 'd' && token.letter != 'o';
  });
}

std::optional<MacroString> parse_macro_string(std::string_view text, MacroUse use) {
  MacroString macro;
  const auto is_literal = [use](char c) {
    return is_macro_literal(c) || (c == ' ' && use == MacroUse::explanation);
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto start = at;
    while (at < text.size() && is_literal(text[at])) ++at;
    if (at > start) {
      add_literal(macro, text.substr(start, at - start));
      --at;
      continue;
    }
    if (c != '%' || ++at >= text.size()) return std::nullopt;
    switch (text[at]) {
      case '%':
        add_literal(macro, "%");
        break;
      case '_':
        add_literal(macro, " ");
        break;
      case '-':
        add_literal(macro, "%20");
        break;
      case '{': {
        const auto close = text.find('}', at);
        if (close == std::string_view::npos) return std::nullopt;
        auto token = parse_expand(text.substr(at + 1, close - at - 1), use);
        if (!token) return std::nullopt;
        macro.tokens.push_back(std::move(*token));
        at = close;
        break;
      }
      default:
        return std::nullopt;
    }
  }
  return macro;
}

bool is_toplabel(std::string_view label) {
  const auto alphanumeric = [](char c) { return is_alpha(c) || is_digit(c); };
  if (label.empty() || !alphanumeric(label.front()) || !alphanumeric(label.back())) return false;
  bool letter_or_hyphen = false;
  for (const char c : label) {
    if (!alphanumeric(c) && c != '-') return false;
    letter_or_hyphen = letter_or_hyphen || !is_digit(c);
  }
  return letter_or_hyphen;
}

std::optional<MacroString> parse_domain_spec(std::string_view text) {
  auto macro = parse_macro_string(text, MacroUse::name);
  if (!macro || text.empty()) return std::nullopt;
  // domain-end: a macro-expand, "%%", "%_" and "%-" among them, may stand last.
  std::size_t escape = std::string_view::npos;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') continue;
    escape = at;
    at = text[at + 1] == '{' ? text.find('}', at) : at + 1;
    if (at + 1 == text.size()) return macro;
  }
  std::string_view end = escape == std::string_view::npos ? text : text.substr(escape + 1);
  if (end.back() == '.') end.remove_suffix(1);
  const auto dot = end.rfind('.');
  if (dot == std::string_view::npos || !is_toplabel(end.substr(dot + 1))) return std::nullopt;
  return macro;
}

std::string expand_name(const MacroString& macro, const MacroValues& values) {
  std::string name;
  for (const auto& token : macro.tokens) {
    name += expand_token(token, values);
    // Only the right end survives the cut below: memory stays bounded however often a record
    // repeats %{s}.
    if (name.size() > 2 * max_expansion) name.erase(0, name.size() - max_expansion);
  }
  if (!name.empty() && name.back() == '.') name.pop_back();
  if (name.size() <= max_query_name) return name;
  const auto dot = name.find('.', name.size() - max_query_name - 1);
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

std::string expand_explanation(const MacroString& macro, const MacroValues& values) {
  std::string text;
  for (const auto& token : macro.tokens) {
    text += expand_token(token, values);
    if (text.size() > max_expansion) break;
  }
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (!printable) return {};
  if (text.size() > max_explanation) text.resize(max_explanation);
  return text;
}

std::optional<DomainName> to_domain_name(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  constexpr std::size_t longest = 253;  // 255 octets on the wire
  if (text.empty() || text.size() > longest) return std::nullopt;
  std::string wire;
  wire.reserve(text.size() + 2);
  while (true) {
    const auto label = text.substr(0, text.find('.'));
    // An empty one would end the name; of one above 63 octets from_wire() would read a pointer.
    if (label.empty() || label.size() > 63) return std::nullopt;
    wire += static_cast<char>(label.size());
    wire += label;
    if (label.size() == text.size()) break;
    text.remove_prefix(label.size() + 1);
  }
  wire += '\0';
  return DomainName::from_wire(wire);
}

}  // namespace maildiag::checks::spf
