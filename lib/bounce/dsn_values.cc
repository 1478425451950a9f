#include "bounce/dsn_values.h"

#include <cstddef>

#include "bounce/dsn_fields.h"
#include "bounce/fields.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "core/text.h"
#include "core/utf8.h"

namespace maildiag::bounce::dsn {
namespace {

using std::string_view;

/// \x{HEX} of utf-8-addr-xtext (RFC 6533 section 3) into UTF-8.
std::string decode_xtext(string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto close = text.substr(at).starts_with("\\x{") ? text.find('}', at) : string_view::npos;
    if (close == string_view::npos || close - at > 9) {
      out += text[at];
      continue;
    }
    char32_t point = 0;
    for (const char c : text.substr(at + 3, close - at - 3)) {
      const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
      point = point * 16 + static_cast<char32_t>(is_digit(lower) ? lower - '0' : lower - 'a' + 10);
    }
    utf8::append(out, point);
    at = close;
  }
  return text::to_valid_utf8(out);
}

/// RFC 5321 section 4.5.3.1: 64 + 1 + 255.
constexpr std::size_t max_address = 320;

/// `"a@b c"@one.example` at the front: in quotes a local part may hold what else ends an address
/// (RFC 5321 section 4.1.2). Empty: there is none.
string_view quoted_address(string_view text) {
  text = trim_any(text, "<>");
  if (!text.starts_with('"')) return {};
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  if (at + 2 >= text.size() || text[at + 1] != '@') return {};
  const auto address = text.substr(0, text.find_first_of(" \t\n<>()[],;\"", at + 2));
  return address.size() > max_address || address.ends_with('@') ? string_view() : address;
}

/// The value of a digit of xtext; -1: none. Small letters are none.
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// "a+2B1@b" -> "a+1@b"
std::string decode_plus(string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool coded = text[at] == '+' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 &&
                       hex_value(text[at + 2]) >= 0;
    out += coded ? static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]))
                 : text[at];
    at += coded ? 2 : 0;
  }
  return out;
}

/// The time of the queue is up (RFC 3463 section 3.5), whatever the last reply was.
bool is_expired(string_view code) {
  return code.ends_with(".4.7");
}

}  // namespace

std::string address_in(string_view value) {
  const auto plain = decode_xtext(without_type(value));
  if (const auto quoted = quoted_address(plain); !quoted.empty()) return std::string(quoted);
  if (const auto found = find_address(plain)) return std::string(found->address);
  return std::string(trim_any(plain, "<>"));
}

bool same_address(string_view address, string_view other) {
  // "+" may be one of the address itself: only one of them is in xtext.
  return text::equals_ignore_case(address, other) ||
         text::equals_ignore_case(decode_plus(address), other) ||
         text::equals_ignore_case(address, decode_plus(other));
}

bool is_vague(string_view code) {
  return code.ends_with(".0.0");
}

bool gave_up(string_view code, string_view last) {
  return code.starts_with('5') && (is_vague(code) || is_expired(code) ||
                                   (last.starts_with('4') && last.substr(1) == code.substr(1)));
}

bool may_agree(string_view own, string_view other, bool failed) {
  if (own.empty() || other.empty()) return true;
  if (own.front() == other.front())
    return is_vague(own) || is_vague(other) || own == other ||
           (own.front() == '4' && is_expired(own));
  return failed && ((other.front() == '4' && gave_up(own, other)) ||
                    (other.front() == '5' && own.front() == '4' && is_vague(own)));
}

}  // namespace maildiag::bounce::dsn
