#include "rulebook/stub.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "core/ip_address.h"
#include "core/text.h"

namespace maildiag::rulebook {

namespace {

/// A pattern of the first words is specific enough, and a shorter one survives a reworded end.
constexpr std::size_t max_words = 12;
constexpr std::size_t max_example_bytes = 400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view without_marks(std::string_view word) {
  constexpr std::string_view marks = "<>[](){}'\",;:=.";
  while (!word.empty() && marks.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
  while (!word.empty() && marks.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  return word;
}

/// Differs from mail to mail: an address, a number, an identifier.
bool is_variable(std::string_view word) {
  if (word.find('@') != std::string_view::npos || word.find("//") != std::string_view::npos)
    return true;
  if (IpAddress::parse(without_marks(word))) return true;
  return std::any_of(word.begin(), word.end(), is_digit) || word.size() > 40;
}

/// RE2 syntax for the word itself, inside a TOML literal string.
std::string quoted(std::string_view word) {
  std::string out;
  for (const char c : word) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x21 || c == 0x7F || c == '\'') {
      out += '.';
      continue;
    }
    const bool plain = octet >= 0x80 || is_letter(c) || c == '-' || c == '_' || c == '/' ||
                       c == ',' || c == ';' || c == ':' || c == '@';
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

std::string pattern_for(std::string_view text) {
  std::string pattern;
  std::size_t words = 0;
  bool gap = false;
  for (const auto word : text::split(text, ' ')) {
    if (word.empty()) continue;
    if (words == max_words) break;
    if (is_variable(word)) {
      gap = true;
      continue;
    }
    if (!pattern.empty()) pattern += gap ? ".*" : " ";
    pattern += quoted(word);
    gap = false;
    ++words;
  }
  return pattern;
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// Cut at a character's border.
std::string_view shortened(std::string_view text) {
  if (text.size() <= max_example_bytes) return text;
  auto end = max_example_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

/// The same reply gets the same id, another one hardly ever.
std::string id_for(std::string_view pattern, int code) {
  std::uint32_t hash = 2166136261U;
  for (const char c : pattern) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return fmt::format("local.reply-{}-{:06x}", code, hash & 0xFFFFFFU);
}

}  // namespace

std::string rule_stub(int code, std::string_view status, std::string_view text,
                      const Text& meaning) {
  text = shortened(text);
  const auto pattern = pattern_for(text);
  if (pattern.empty() && code == 0 && status.empty()) return {};
  std::string out = "[[rule]]\n";
  out += fmt::format("id       = \"{}\"\n", id_for(pattern, code));
  if (code != 0) out += fmt::format("reply    = [{}]\n", code);
  if (!status.empty()) out += fmt::format("status   = [{}]\n", toml_string(status));
  if (!pattern.empty()) out += fmt::format("match    = '{}'\n", pattern);
  out += "cause    = \"policy-reject\"\n";
  out += fmt::format("meaning  = {{ en = {}, ko = {} }}\n", toml_string(meaning.en),
                     toml_string(meaning.ko));
  std::string example;
  if (code != 0) example += fmt::format("{} ", code);
  if (!status.empty()) example += fmt::format("{} ", status);
  out += fmt::format("examples = [{}]\n", toml_string(example + std::string(text)));
  return out;
}

}  // namespace maildiag::rulebook
