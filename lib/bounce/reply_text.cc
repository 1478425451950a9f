#include "bounce/reply_text.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "core/utf8.h"

namespace maildiag::bounce {
namespace {

/// Longest run of characters that is tried as an IP address: "IPv6:" and 45 characters.
constexpr std::size_t max_ip_text = 50;
/// RFC 5321 section 4.5.3.1: 64 + 1 + 255.
constexpr std::size_t max_address_text = 320;

struct Replacement {
  char32_t first;
  char32_t last;
  std::string_view ascii;
};
/// In order.
constexpr std::array<Replacement, 25> replacements{{
    {0xA0, 0xA0, " "},      {0xAB, 0xAB, "\""},      {0xAD, 0xAD, ""},       {0xBB, 0xBB, "\""},
    {0x2000, 0x200A, " "},  {0x200B, 0x200F, ""},    {0x2010, 0x2015, "-"},  {0x2018, 0x201B, "'"},
    {0x201C, 0x201F, "\""}, {0x2026, 0x2026, "..."}, {0x2028, 0x2029, "\n"}, {0x202F, 0x202F, " "},
    {0x2032, 0x2032, "'"},  {0x2033, 0x2033, "\""},  {0x2060, 0x2060, ""},   {0x2212, 0x2212, "-"},
    {0x3000, 0x3000, " "},  {0x300C, 0x300D, "\""},  {0xFE58, 0xFE58, "-"},  {0xFEFF, 0xFEFF, ""},
    {0xFF02, 0xFF02, "\""}, {0xFF07, 0xFF07, "'"},   {0xFF0D, 0xFF0D, "-"},  {0xFF1A, 0xFF1A, ":"},
    {0xFF1B, 0xFF1B, ";"},
}};
static_assert(std::adjacent_find(replacements.begin(), replacements.end(),
                                 [](const auto& a, const auto& b) { return a.last >= b.first; }) ==
              replacements.end());

const Replacement* find_replacement(char32_t point) {
  const auto* found = std::partition_point(replacements.begin(), replacements.end(),
                                           [point](const auto& r) { return r.last < point; });
  return found != replacements.end() && found->first <= point ? found : nullptr;
}

bool is_address_char(char c) {
  const auto octet = static_cast<unsigned char>(c);
  if (octet >= 0x80) return true;  // RFC 6531
  return octet > ' ' && octet != 0x7F &&
         std::string_view("<>()[],;:\"@\\").find(c) == std::string_view::npos;
}

/// Where a Korean particle begins behind an address ("a@b.example에"): no top-level domain in the
/// root zone begins with ASCII letters and goes on with others. `end` if there is none.
std::size_t domain_end(std::string_view text, std::size_t at, std::size_t end) {
  const auto high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  // No further back than the address goes: texts are searched from each of their "@".
  const auto dot = text.substr(at, end - at).rfind('.');
  auto label = dot == std::string_view::npos ? end : at + dot + 1;
  if (label >= end || high(text[label])) return end;
  while (label < end && !high(text[label])) ++label;
  return label;
}

/// As many of its separators has each IP address that is looked for; most replies have fewer.
bool has_three(std::string_view text, char separator) {
  auto at = text.find(separator);
  for (int more = 2; more > 0 && at != std::string_view::npos; --more)
    at = text.find(separator, at + 1);
  return at != std::string_view::npos;
}

/// What a character is in a search for IP addresses.
constexpr unsigned char of_address = 1, of_word = 2;
constexpr auto make_ip_roles() {
  std::array<unsigned char, 256> roles{};
  for (unsigned c = 0; c < roles.size(); ++c) {
    const bool digit = c >= '0' && c <= '9';
    const auto letter = c | 0x20U;
    const bool hexadecimal = digit || (c < 0x80 && letter >= 'a' && letter <= 'f');
    if (hexadecimal || c == '.' || c == ':') roles[c] |= of_address;
    if (digit || (c < 0x80 && letter >= 'a' && letter <= 'z') || c == '-') roles[c] |= of_word;
  }
  return roles;
}
constexpr auto ip_roles = make_ip_roles();

bool has_role(char c, unsigned char role) {
  return (ip_roles[static_cast<unsigned char>(c)] & role) != 0;
}

// Around the codes of a reply's head. No find(): each reply is asked ten times whether one begins.
bool fills_head(char c) {
  return c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n' || c == ':' || c == ',';
}
bool opens_status(char c) {
  return c == ' ' || c == '#' || c == '(' || c == '[' || c == '\'' || c == '"' || c == ',';
}
bool separates_head(char c) {
  return fills_head(c) || opens_status(c) || c == ';' || c == '<' || c == ')';
}

}  // namespace

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

bool is_alnum(char character) {
  return is_digit(character) || (character >= 'a' && character <= 'z') ||
         (character >= 'A' && character <= 'Z');
}

std::string_view trim_any(std::string_view text, std::string_view characters) {
  text = text::trim(text);
  while (!text.empty() &&
         (characters.find(text.front()) != std::string_view::npos || text.front() == ' ')) {
    text.remove_prefix(1);
  }
  while (!text.empty() &&
         (characters.find(text.back()) != std::string_view::npos || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string ascii_punctuation(std::string_view text) {
  if (text::is_ascii(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text.substr(at));
    if (const auto* found = find_replacement(decoded.point)) {
      out += text.substr(copied, at - copied);
      out += found->ascii;
      copied = at + decoded.length;
    }
    at += decoded.length;
  }
  return out.append(text.substr(copied));
}

std::size_t status_length(std::string_view text) {
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.')
    return 0;
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    const std::size_t begin = at;
    while (at < text.size() && at - begin < 4 && is_digit(text[at])) ++at;
    if (at == begin || at - begin > 3) return 0;
    if (part == 0) {
      if (at >= text.size() || text[at] != '.') return 0;
      ++at;
    }
  }
  // An IP address or a version goes on; a sentence's full stop does not.
  if (at < text.size() && is_alnum(text[at])) return 0;
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) return 0;
  return at;
}

std::optional<ReplyHead> read_reply_head(std::string_view text) {
  if (text.size() < 3 || text[0] < '2' || text[0] > '5' || !is_digit(text[1]) || !is_digit(text[2]))
    return {};
  ReplyHead head;
  head.code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  std::size_t at = 3;
  if (at == text.size()) {
    head.length = at;
    return head;
  }
  head.separator = text[at];
  if (!separates_head(head.separator)) return {};
  while (at < text.size() && fills_head(text[at])) ++at;
  head.length = at;
  auto status_at = at;
  while (status_at < text.size() && opens_status(text[status_at])) ++status_at;
  if (const auto length = status_length(text.substr(status_at)); length > 0) {
    head.status = text.substr(status_at, length);
    head.length = status_at + length;
    // Closing of what was opened in front of the status code.
    if (status_at > at && head.length < text.size() &&
        std::string_view(")]").find(text[head.length]) != std::string_view::npos) {
      ++head.length;
    }
  }
  return head;
}

std::optional<FoundAddress> find_address(std::string_view text, std::size_t from) {
  for (auto at = text.find('@', from); at != std::string_view::npos; at = text.find('@', at + 1)) {
    const auto lowest = at > max_address_text ? std::max(from, at - max_address_text) : from;
    auto begin = at;
    if (begin > lowest && text[begin - 1] == '"') {  // a quoted local part
      const auto open = text.substr(lowest, begin - 1 - lowest).rfind('"');
      begin = open == std::string_view::npos ? begin : lowest + open;
    } else {
      while (begin > lowest && is_address_char(text[begin - 1])) --begin;
    }
    auto end = at + 1;
    if (end < text.size() && text[end] == '[') {  // an address literal
      const auto close = text.substr(end, max_ip_text + 1).find(']');
      end = close == std::string_view::npos ? end : end + close + 1;
    } else {
      while (end < text.size() && end - at < max_address_text && is_address_char(text[end])) ++end;
      while (end > at && std::string_view(".'!?").find(text[end - 1]) != std::string_view::npos)
        --end;
      end = domain_end(text, at, end);
    }
    while (begin < at && std::string_view("'.").find(text[begin]) != std::string_view::npos)
      ++begin;
    if (begin == at || end <= at + 1) continue;
    FoundAddress found{text.substr(begin, end - begin), begin, end};
    if (begin > 0 && text[begin - 1] == '<') --found.begin;
    if (end < text.size() && text[end] == '>') ++found.end;
    return found;
  }
  return {};
}

std::vector<IpAddress> find_ip_addresses(std::string_view text) {
  std::vector<IpAddress> found;
  if (!has_three(text, '.') && !has_three(text, ':')) return found;
  for (std::size_t at = 0; at < text.size();) {
    // Behind a word's character none begins.
    if (!has_role(text[at], of_address) || (at > 0 && has_role(text[at - 1], of_word))) {
      ++at;
      continue;
    }
    auto end = at;
    while (end < text.size() && has_role(text[end], of_address)) ++end;
    const auto next = end;
    const bool word_goes_on = end < text.size() && has_role(text[end], of_word);
    auto token = text.substr(at, std::min(end - at, max_ip_text + 1));
    while (!token.empty() &&
           (token.back() == '.' || (token.back() == ':' && !token.ends_with("::")))) {
      token.remove_suffix(1);
    }
    // "IP:203.0.113.7" and "203.0.113.7:25" are no IPv6 addresses.
    if (const auto dot = token.find('.'), colon = token.find(':');
        dot != std::string_view::npos && colon > dot) {
      token = token.substr(0, colon);
    }
    while (token.starts_with(':') && !token.starts_with("::")) token.remove_prefix(1);
    const bool plausible = token.size() >= 7 || token.find("::") != std::string_view::npos;
    if (!word_goes_on && plausible && token.size() <= max_ip_text) {
      if (const auto ip = IpAddress::parse(token);
          ip && (ip->is_v4() || std::count(token.begin(), token.end(), ':') >= 3) &&
          std::find(found.begin(), found.end(), *ip) == found.end()) {
        found.push_back(*ip);
      }
    }
    at = next;
  }
  return found;
}

std::string host_of(std::string_view token) {
  token = trim_any(token, "<>[]():;,.'\"=#");
  if (token.size() > 253 || token.find('.') == std::string_view::npos) return {};
  const bool name = std::all_of(token.begin(), token.end(), [](char c) {
    return is_alnum(c) || c == '.' || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  });
  if (!name || token.find("..") != std::string_view::npos) return {};
  if (IpAddress::parse(token)) return {};
  return text::ascii_lower(token);
}

}  // namespace maildiag::bounce
