#include "rulebook/loader/pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "core/text.h"

namespace maildiag::rulebook {
namespace {

// RE2 itself refuses deeper ones (its own bound is 1000).
constexpr int max_group_depth = 200;
// More alternatives than this are not worth searching for one by one.
constexpr std::size_t max_alternatives = 32;

struct Part {
  std::optional<std::string> exact;   // matches just this text, ignoring case
  std::vector<std::string> literals;  // as PatternNeeds
  std::vector<std::string> also;
  int length = 0;
  bool enough = false;  // as PatternNeeds
};

Part literal_part(std::string text, int length) {
  Part part;
  part.enough = true;
  part.literals.push_back(text);
  part.exact = std::move(text);
  part.length = length;
  return part;
}
Part empty_part() {
  return Part{std::string(), {}, {}, 0, false};
}  // matches between characters, or only between some
Part any_part() {
  return Part{};
}

std::size_t shortest(const std::vector<std::string>& literals) {
  std::size_t result = std::numeric_limits<std::size_t>::max();
  for (const auto& literal : literals) result = std::min(result, literal.size());
  return literals.empty() ? 0 : result;
}

// The longer the shortest literal the rarer a false alarm; then the fewer to search for.
bool better(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto length_a = shortest(a), length_b = shortest(b);
  return length_a != length_b ? length_a > length_b : a.size() < b.size() && !a.empty();
}

Part concatenate(const std::vector<Part>& parts) {
  if (parts.size() == 1) return parts.front();
  Part result = empty_part();
  result.enough = !parts.empty();
  std::string run;
  const auto consider = [&result](const std::vector<std::string>& literals) {
    if (better(literals, result.literals)) {
      result.also = std::exchange(result.literals, literals);
    } else if (better(literals, result.also)) {
      result.also = literals;
    }
  };
  for (const auto& part : parts) {
    result.length += part.length;
    result.enough = result.enough && part.exact && part.enough;
    if (part.exact) {
      run += *part.exact;
      if (result.exact) *result.exact += *part.exact;
      continue;
    }
    if (!run.empty()) consider({run});
    run.clear();
    consider(part.literals);
    consider(part.also);
    result.exact.reset();
  }
  if (!run.empty()) consider({run});
  return result;
}

Part alternate(const std::vector<Part>& parts) {
  if (parts.size() == 1) return parts.front();
  Part result;
  result.length = std::numeric_limits<int>::max();
  bool known = true, also_known = true;
  result.enough = true;
  for (const auto& part : parts) {
    result.enough = result.enough && part.enough;
    result.length = std::min(result.length, part.length);
    known = known && !part.literals.empty();
    also_known = also_known && !part.also.empty();
    result.literals.insert(result.literals.end(), part.literals.begin(), part.literals.end());
    result.also.insert(result.also.end(), part.also.begin(), part.also.end());
  }
  if (!known || result.literals.size() > max_alternatives) result.literals.clear();
  result.enough = result.enough && !result.literals.empty();
  if (!also_known || result.also.size() > max_alternatives) result.also.clear();
  return result;
}

// One UTF-8 sequence's length by its first octet.
std::size_t sequence_length(char first) {
  const auto octet = static_cast<unsigned char>(first);
  return octet < 0x80 ? 1 : octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4;
}

// The letters of Russian (U+0410 to U+044F, U+0401, U+0451) and those that RE2 takes for one of
// them, in lower case; the same character if it is another. REQUIRES: one UTF-8 sequence of two or
// three octets.
std::string_view lower_russian(std::string_view c) {
  // clang-format off
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 40> capitals = {{
      {"А", "а"}, {"Б", "б"}, {"В", "в"}, {"Г", "г"}, {"Д", "д"}, {"Е", "е"}, {"Ж", "ж"}, {"З", "з"}, {"И", "и"},
      {"Й", "й"}, {"К", "к"}, {"Л", "л"}, {"М", "м"}, {"Н", "н"}, {"О", "о"}, {"П", "п"}, {"Р", "р"}, {"С", "с"},
      {"Т", "т"}, {"У", "у"}, {"Ф", "ф"}, {"Х", "х"}, {"Ц", "ц"}, {"Ч", "ч"}, {"Ш", "ш"}, {"Щ", "щ"}, {"Ъ", "ъ"},
      {"Ы", "ы"}, {"Ь", "ь"}, {"Э", "э"}, {"Ю", "ю"}, {"Я", "я"}, {"Ё", "ё"},
      {"\u1c80", "в"}, {"\u1c81", "д"}, {"\u1c82", "о"}, {"\u1c83", "с"}, {"\u1c84", "т"}, {"\u1c85", "т"},
      {"\u1c86", "ъ"}}};
  // clang-format on
  const auto found = std::find_if(capitals.begin(), capitals.end(),
                                  [c](const auto& pair) { return pair.first == c; });
  return found == capitals.end() ? c : found->second;
}
bool is_russian(std::string_view c) {
  return c.size() == 2 && ((c >= "а" && c <= "п") || (c >= "р" && c <= "я") || c == "ё");
}

// Kana, CJK and Hangul (U+3040 to U+D7A3) have no case.
bool is_caseless(std::string_view character) {
  return character.size() == 3 && character >= "\xe3\x81\x80" && character <= "\xed\x9e\xa3";
}

class Parser {
 public:
  explicit Parser(std::string_view pattern) : rest_(pattern) {}

  Part parse_all() {
    Part part = parse_alternatives(0);
    part.enough = part.enough && !flags_;
    return lost_ || !rest_.empty() ? any_part() : part;
  }

 private:
  Part parse_alternatives(int depth) {
    std::vector<Part> parts{parse_sequence(depth)};
    while (take('|')) parts.push_back(parse_sequence(depth));
    return alternate(parts);
  }

  Part parse_sequence(int depth) {
    std::vector<Part> parts;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      if (take_flags()) {
        // A repetition after bare flags binds to what stands before them.
        if (!parts.empty()) parts.back() = repeated(std::move(parts.back()));
        continue;
      }
      Part part = parse_atom(depth);
      parts.push_back(repeated(std::move(part)));
    }
    return concatenate(parts);
  }

  Part parse_atom(int depth) {
    const char c = rest_.front();
    if (c == '(') return parse_group(depth);
    if (c == '[') return parse_class();
    if (c == '\\') return parse_escape();
    if (c == '.') return rest_.remove_prefix(1), any_part();
    if (c == '^' || c == '$') return rest_.remove_prefix(1), empty_part();
    return parse_character();
  }

  Part parse_character() {
    const auto length = std::min(sequence_length(rest_.front()), rest_.size());
    const auto character = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (length == 1) return literal_part(text::ascii_lower(character), 1);
    // Letters with case fold in ways that the literal search does not know.
    if (is_russian(lower_russian(character)))
      return literal_part(std::string(lower_russian(character)), 1);
    if (!is_caseless(character)) return Part{std::nullopt, {}, {}, 1, false};
    return literal_part(std::string(character), 1);
  }

  Part parse_group(int depth) {
    rest_.remove_prefix(1);
    if (take('?')) {
      if (take_text("P<") || take_text("<")) {
        rest_.remove_prefix(std::min(rest_.find('>'), rest_.size() - 1) + 1);
      } else {
        // Flags or none. They do not change what the folded text must hold, but what matches.
        flags_ = flags_ || !rest_.starts_with(':');
        rest_.remove_prefix(std::min(rest_.find(':'), rest_.size() - 1) + 1);
      }
    }
    if (depth >= max_group_depth) return give_up();
    Part part = parse_alternatives(depth + 1);
    take(')');
    return part;
  }

  // `(?i)`, `(?i-s)`: flags for what follows in the group.
  bool take_flags() {
    if (!rest_.starts_with("(?")) return false;
    const auto end = rest_.find_first_not_of("imsU-", 2);
    if (end == std::string_view::npos || rest_[end] != ')') return false;
    rest_.remove_prefix(end + 1);
    flags_ = true;
    return true;
  }

  // Only `[.]` and the like are literal.
  Part parse_class() {
    rest_.remove_prefix(1);
    const auto body = rest_;
    take('^');
    take(']');  // first in a class it is a member
    while (!rest_.empty() && rest_.front() != ']') {
      if (rest_.front() == '\\') {
        rest_.remove_prefix(std::min<std::size_t>(2, rest_.size()));
      } else if (rest_.substr(0, 2) == "[:") {
        rest_.remove_prefix(std::min(rest_.find(":]"), rest_.size() - 2) + 2);
      } else {
        rest_.remove_prefix(1);
      }
    }
    const auto members = body.substr(0, body.size() - rest_.size());
    take(']');
    const bool single = members.size() == 1 && static_cast<unsigned char>(members[0]) < 0x80;
    return single && members != "^" ? literal_part(text::ascii_lower(members), 1) : any_part();
  }

  Part parse_escape() {
    rest_.remove_prefix(1);
    if (rest_.empty()) return any_part();
    const char c = rest_.front();
    if (std::string_view("bBAz").find(c) != std::string_view::npos) {
      return rest_.remove_prefix(1), empty_part();
    }
    if (c == 'Q') return parse_quoted();
    if (c == 'x' || c == 'p' || c == 'P') return parse_coded(c);
    if ((c >= '0' && c <= '9')) {
      while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '7') rest_.remove_prefix(1);
      return any_part();
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) return rest_.remove_prefix(1), any_part();  // \d \s \w \t ...
    return parse_character();
  }

  // `\x41`, `\x{1F600}`, `\pN`, `\p{Hangul}`, `\p{^Greek}`.
  Part parse_coded(char kind) {
    rest_.remove_prefix(1);
    if (take('{')) {
      rest_.remove_prefix(std::min(rest_.find('}'), rest_.size() - 1) + 1);
    } else {
      rest_.remove_prefix(std::min<std::size_t>(kind == 'x' ? 2 : 1, rest_.size()));
    }
    return any_part();
  }

  Part parse_quoted() {
    rest_.remove_prefix(1);
    std::vector<Part> parts;
    while (!rest_.empty() && !take_text("\\E")) parts.push_back(parse_character());
    Part part = concatenate(parts);
    // A repetition binds to the last character only, or to what stands before an empty quotation.
    if (!rest_.empty() && std::string_view("*+?{").find(rest_.front()) != std::string_view::npos) {
      return parts.empty() ? give_up() : any_part();
    }
    return part;
  }

  Part repeated(Part part) {
    for (;;) {
      int least = 1;
      bool once = false;
      if (take('*') || take('?')) {
        least = 0;
      } else if (take('+')) {
        least = 1;
      } else if (!take_count(least, once)) {
        return part;
      }
      take('?');  // not greedy
      if (once) continue;
      if (least == 0) {
        part = any_part();
      } else {
        part.exact.reset();
        part.enough = false;
        part.length *= least;
      }
    }
  }

  // `{2}`, `{2,}`, `{2,5}`; anything else after a brace is literal text.
  bool take_count(int& least, bool& once) {
    if (rest_.empty() || rest_.front() != '{') return false;
    const auto end = rest_.find('}');
    if (end == std::string_view::npos) return false;
    const auto body = rest_.substr(1, end - 1);
    if (body.empty() || body.find_first_not_of("0123456789,") != std::string_view::npos)
      return false;
    const auto [after, error] = std::from_chars(body.data(), body.data() + body.size(), least);
    const std::string_view tail(after, static_cast<std::size_t>(body.data() + body.size() - after));
    if (error != std::errc() || (!tail.empty() && tail.front() != ',') ||
        tail.find(',', 1) != std::string_view::npos) {
      return false;
    }
    once = body == "1" || body == "1,1";
    rest_.remove_prefix(end + 1);
    return true;
  }

  Part give_up() {
    lost_ = true;
    rest_ = {};
    return any_part();
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_text(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  std::string_view rest_;
  bool lost_ = false, flags_ = false;
};

}  // namespace

PatternNeeds pattern_needs(std::string_view pattern) {
  Part part = Parser(pattern).parse_all();
  // A shorter one stands in most texts and tells nothing.
  constexpr std::size_t least_also_octets = 3;
  if (shortest(part.also) < least_also_octets) part.also.clear();
  return {std::move(part.literals), std::move(part.also), part.enough, part.length};
}

std::string fold(std::string_view text) {
  if (text::is_ascii(text)) return text::ascii_lower(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= 'A' && c <= 'Z') {
      result += static_cast<char>(c - 'A' + 'a');
    } else if (c == '\xc5' && text.substr(i, 2) == "\xc5\xbf") {
      result += 's';
      i += 1;
    } else if (c == '\xe2' && text.substr(i, 3) == "\xe2\x84\xaa") {
      result += 'k';
      i += 2;
    } else if (c == '\xd0') {
      result += lower_russian(text.substr(i, 2));
      i += text.substr(i, 2).size() - 1;
    } else if (c == '\xe1' && text.substr(i, 2) == "\xe1\xb2") {
      result += lower_russian(text.substr(i, 3));
      i += text.substr(i, 3).size() - 1;
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace maildiag::rulebook
