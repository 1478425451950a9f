#include "bounce/html_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "bounce/reply_text.h"
#include "core/text.h"
#include "core/utf8.h"

namespace maildiag::bounce {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> entities{{{"lt", "<"},
                                                                                 {"gt", ">"},
                                                                                 {"amp", "&"},
                                                                                 {"quot", "\""},
                                                                                 {"apos", "'"},
                                                                                 {"nbsp", " "},
                                                                                 {"rsquo", "'"},
                                                                                 {"lsquo", "'"}}};
constexpr std::array<std::string_view, 14> breaking{
    "br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "pre", "hr", "table", "ul", "blockquote"};

/// "#45824", "#xB300": a number, however large; nullopt: something else.
std::optional<std::uint32_t> numbered(std::string_view name) {
  if (!name.starts_with('#')) return {};
  name.remove_prefix(1);
  const bool hexadecimal = name.starts_with('x') || name.starts_with('X');
  if (hexadecimal) name.remove_prefix(1);
  std::uint32_t point = 0;
  const auto [end, error] =
      std::from_chars(name.data(), name.data() + name.size(), point, hexadecimal ? 16 : 10);
  if (name.empty() || end != name.data() + name.size()) return {};
  return error == std::errc::result_out_of_range ? 0xFFFD : point;
}

/// What browsers show for a number: C1 is Windows-1252, of which bounces have the quotes.
std::string shown(std::uint32_t point) {
  if (point == 0x91 || point == 0x92) return "'";
  if (point == 0x93 || point == 0x94) return "\"";
  if (point < 0x20 || (point >= 0x7F && point <= 0xA0)) return " ";
  std::string text;
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  utf8::append(text, surrogate || point > 0x10FFFF ? 0xFFFD : point);
  return text;
}

std::string entity(std::string_view name) {
  for (const auto& [known, character] : entities) {
    if (name == known) return std::string(character);
  }
  if (const auto point = numbered(name)) return shown(*point);
  return "&" + std::string(name) + ";";
}

}  // namespace

std::string html_to_text(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const char c = utf8[at];
    if (c == '&') {
      const auto end = utf8.substr(at, 12).find(';');
      if (end != std::string_view::npos && end > 1) {
        out += entity(utf8.substr(at + 1, end - 1));
        at += end;
        continue;
      }
    }
    const bool tag = c == '<' && at + 1 < utf8.size() &&
                     (is_alnum(utf8[at + 1]) || utf8[at + 1] == '/' || utf8[at + 1] == '!');
    if (!tag) {
      out += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
      continue;
    }
    const auto end = utf8.find('>', at);
    if (end == std::string_view::npos) break;
    auto name = utf8.substr(at + 1, end - at - 1);
    // "<user@example.com>" that was never escaped is text.
    if (name.find('@') != std::string_view::npos &&
        name.find_first_of(" =") == std::string_view::npos) {
      out += utf8.substr(at, end - at + 1);
      at = end;
      continue;
    }
    const bool closing = name.starts_with('/');
    if (closing) name.remove_prefix(1);
    const auto word = text::ascii_lower(
        name.substr(0, std::min<std::size_t>(name.find_first_of(" \t\r\n/>"), 20)));
    at = end;
    if (!closing && (word == "style" || word == "script")) {
      const auto close = utf8.find("</", end);
      if (close == std::string_view::npos) break;
      at = close - 1;
      continue;
    }
    if (std::find(breaking.begin(), breaking.end(), word) != breaking.end()) out += '\n';
    if (word == "td" || word == "th" || word == "dd") out += ' ';
  }
  std::string lines;
  for (const auto line : text::split(out, '\n')) {
    lines += text::collapse_spaces(line);
    lines += '\n';
  }
  return lines;
}

}  // namespace maildiag::bounce
