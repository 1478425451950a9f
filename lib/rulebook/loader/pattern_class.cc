#include "rulebook/loader/pattern_class.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/text.h"
#include "core/utf8.h"
#include "rulebook/loader/letter_case.h"

namespace maildiag::rulebook {
namespace {

using NodeKind = PatternNode::Kind;

constexpr char32_t last_point = 0x10FFFF;
/// What RE2 takes for an ASCII letter when it ignores case: for s and for k.
constexpr char32_t long_s = 0x17F, kelvin_sign = 0x212A;

/// The forms beyond ASCII that fold() makes of what is known from `low` to `high`.
void add_folded(char32_t low, char32_t high, std::vector<PointRange>& points) {
  if (are_caseless({low, high})) return points.push_back({low, high});
  for (auto point = low; point <= high; ++point) {
    if (const auto form = folded(point); form >= 0x80) points.push_back({form, form});
  }
}

void add_range(char32_t low, char32_t high, PatternNode& set) {
  for (auto c = low; c <= high && c < 0x80; ++c) set.members.add(static_cast<unsigned char>(c));
  for (const char32_t point : {long_s, kelvin_sign}) {
    if (low <= point && point <= high) set.members.add(static_cast<unsigned char>(folded(point)));
  }
  if (high < 0x80 || set.beyond == Beyond::all) return;
  if (!is_case_known({low, high})) set.beyond = Beyond::some;
  if (set.beyond == Beyond::some) return;
  set.beyond = Beyond::listed;
  add_folded(low, high, set.points);
}

/// In order, and what overlaps or touches as one.
void tidy(std::vector<PointRange>& points) {
  std::sort(points.begin(), points.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<PointRange> apart;
  for (const auto& range : points) {
    if (apart.empty() || apart.back().last + 1 < range.first) {
      apart.push_back(range);
    } else {
      apart.back().last = std::max(apart.back().last, range.last);
    }
  }
  points = std::move(apart);
}

/// What lies between them beyond ASCII. REQUIRES: tidy.
std::vector<PointRange> all_others(const std::vector<PointRange>& points) {
  std::vector<PointRange> others;
  char32_t next = 0x80;
  for (const auto& range : points) {
    if (range.first > next) others.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  others.push_back({next, last_point});
  return others;
}

void invert(PatternNode& set) {
  set.members.invert();
  if (set.beyond == Beyond::listed) {
    set.points = all_others(set.points);
  } else if (set.beyond != Beyond::some) {
    set.beyond = set.beyond == Beyond::none ? Beyond::all : Beyond::none;
  }
}

class ClassParser {
 public:
  explicit ClassParser(std::string_view& rest) : rest_(rest) {}

  PatternNode parse() {
    rest_.remove_prefix(1);
    const auto body = rest_;
    PatternNode set;
    set.kind = NodeKind::set;
    const bool inverted = take('^');
    bool known = true;
    // First in a class a bracket is a member.
    for (bool first = true; !rest_.empty() && (first || rest_.front() != ']'); first = false)
      known = take_members(set) && known;
    const auto members = body.substr(0, body.size() - rest_.size());
    take(']');
    // `[.]` and the like are literal.
    if (members.size() == 1 && static_cast<unsigned char>(members[0]) < 0x80 && !inverted)
      return character(members);
    if (!known) set.kind = NodeKind::unknown;
    if (set.beyond != Beyond::listed) set.points.clear();
    tidy(set.points);
    if (inverted) invert(set);
    return set;
  }

 private:
  static PatternNode character(std::string_view member) {
    PatternNode node;
    node.kind = NodeKind::text;
    node.text = text::ascii_lower(member);
    node.characters = 1;
    return node;
  }

  /// A character, a range or a class within a class. False: not understood.
  bool take_members(PatternNode& set) {
    // As in RE2, which takes the bracket itself where nothing ends the name.
    const auto name_end = rest_.starts_with("[:") ? rest_.find(":]", 2) : std::string_view::npos;
    if (name_end != std::string_view::npos) {
      rest_.remove_prefix(name_end + 2);
      return false;
    }
    if (rest_.size() >= 2 && rest_[0] == '\\' && add_named_set(rest_[1], set)) {
      rest_.remove_prefix(2);
      return true;
    }
    const auto low = take_member();
    auto high = low;
    if (low && rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']') {
      rest_.remove_prefix(1);
      high = take_member();
    }
    if (!low || !high) return false;
    add_range(*low, *high, set);
    return true;
  }

  /// nullopt: an escape that is not understood.
  std::optional<char32_t> take_member() {
    const bool escaped = take('\\');
    if (rest_.empty()) return std::nullopt;
    if (escaped && is_letter_or_digit(rest_.front())) return rest_.remove_prefix(1), std::nullopt;
    const auto decoded = utf8::decode(rest_);
    rest_.remove_prefix(std::max<std::size_t>(decoded.length, 1));
    return decoded.point;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view& rest_;
};

}  // namespace

bool add_named_set(char name, PatternNode& set) {
  AsciiSet members;
  const char lower = static_cast<char>(name | 0x20);
  if (lower == 'd' || lower == 'w') {
    for (char c = '0'; c <= '9'; ++c) members.add(static_cast<unsigned char>(c));
  }
  if (lower == 'w') {
    for (char c = 'a'; c <= 'z'; ++c) members.add(static_cast<unsigned char>(c));
    members.add('_');
  } else if (lower == 's') {
    for (const char c : {'\t', '\n', '\f', '\r', ' '}) members.add(static_cast<unsigned char>(c));
  } else if (lower != 'd') {
    return false;
  }
  if (name != lower) {
    members.invert();
    set.beyond = Beyond::all;
  }
  set.members.add(members);
  return true;
}

PatternNode take_class(std::string_view& pattern) {
  return ClassParser(pattern).parse();
}

}  // namespace maildiag::rulebook
