#include "rulebook/loader/pattern_tree.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "core/text.h"
#include "core/utf8.h"
#include "rulebook/loader/letter_case.h"
#include "rulebook/loader/pattern_class.h"

namespace maildiag::rulebook {
namespace {

using NodeKind = PatternNode::Kind;

// RE2 itself refuses deeper ones (its own bound is 1000).
constexpr int max_group_depth = 200;

PatternNode node_of(NodeKind kind) {
  PatternNode node;
  node.kind = kind;
  return node;
}

PatternNode character_node(std::string text) {
  auto node = node_of(NodeKind::text);
  node.text = std::move(text);
  node.characters = 1;
  return node;
}

PatternNode node_with(NodeKind kind, std::vector<PatternNode> children) {
  if (children.size() == 1) return std::move(children.front());
  auto node = node_of(kind);
  node.children = std::move(children);
  return node;
}

class Parser {
 public:
  explicit Parser(std::string_view pattern) : rest_(pattern) {}

  PatternTree parse_all() {
    auto root = parse_alternatives(0);
    if (lost_ || !rest_.empty()) root = node_of(NodeKind::unknown);
    return {std::move(root), flags_};
  }

 private:
  PatternNode parse_alternatives(int depth) {
    std::vector<PatternNode> branches;
    branches.push_back(parse_sequence(depth));
    while (take('|')) branches.push_back(parse_sequence(depth));
    return node_with(NodeKind::alternatives, std::move(branches));
  }

  PatternNode parse_sequence(int depth) {
    std::vector<PatternNode> parts;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      if (take_flags()) {
        // A repetition after bare flags binds to what stands before them.
        if (!parts.empty()) parts.back() = repeated(std::move(parts.back()));
        continue;
      }
      add(repeated(parse_atom(depth)), parts);
    }
    return node_with(NodeKind::sequence, std::move(parts));
  }

  static void add(PatternNode part, std::vector<PatternNode>& parts) {
    const auto is_known_text = [](const PatternNode& node) {
      return node.kind == NodeKind::text && node.folds;
    };
    if (parts.empty() || !is_known_text(part) || !is_known_text(parts.back())) {
      parts.push_back(std::move(part));
      return;
    }
    parts.back().text += part.text;
    parts.back().characters += part.characters;
  }

  PatternNode parse_atom(int depth) {
    const char c = rest_.front();
    if (c == '(') return parse_group(depth);
    if (c == '[') return take_class(rest_);
    if (c == '\\') return parse_escape();
    if (c == '.') return rest_.remove_prefix(1), any_but_newline();
    if (c == '^') return rest_.remove_prefix(1), node_of(NodeKind::begin);
    if (c == '$') return rest_.remove_prefix(1), node_of(NodeKind::end);
    return parse_character();
  }

  static PatternNode any_but_newline() {
    auto node = node_of(NodeKind::set);
    node.members.add('\n');
    node.members.invert();
    node.beyond = Beyond::all;
    return node;
  }

  PatternNode parse_character() {
    const auto length = std::min(sequence_length(rest_.front()), rest_.size());
    const auto character = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (length == 1) return character_node(text::ascii_lower(character));
    const auto point = utf8::decode(character).point;
    auto node = character_node(fold(character));
    node.folds = is_case_known({point, point});
    return node;
  }

  PatternNode parse_group(int depth) {
    rest_.remove_prefix(1);
    if (take('?')) {
      if (take_text("P<") || take_text("<")) {
        rest_.remove_prefix(std::min(rest_.find('>'), rest_.size() - 1) + 1);
      } else {
        flags_ = flags_ || !rest_.starts_with(':');
        rest_.remove_prefix(std::min(rest_.find(':'), rest_.size() - 1) + 1);
      }
    }
    if (depth >= max_group_depth) return give_up();
    auto node = parse_alternatives(depth + 1);
    take(')');
    return node;
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

  PatternNode parse_escape() {
    rest_.remove_prefix(1);
    if (rest_.empty()) return node_of(NodeKind::unknown);
    const char c = rest_.front();
    if (c == 'A') return rest_.remove_prefix(1), node_of(NodeKind::begin);
    if (c == 'z') return rest_.remove_prefix(1), node_of(NodeKind::end);
    if (c == 'b') return rest_.remove_prefix(1), node_of(NodeKind::word_border);
    if (c == 'B') return rest_.remove_prefix(1), node_of(NodeKind::no_border);
    if (c == 'Q') return parse_quoted();
    if (c == 'x' || c == 'p' || c == 'P') return parse_coded(c);
    if (c >= '0' && c <= '9') {
      while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '7') rest_.remove_prefix(1);
      return node_of(NodeKind::unknown);
    }
    if (!is_letter_or_digit(c)) return parse_character();
    rest_.remove_prefix(1);
    auto set = node_of(NodeKind::set);
    return add_named_set(c, set) ? set : node_of(NodeKind::unknown);
  }

  // `\x41`, `\x{1F600}`, `\pN`, `\p{Hangul}`, `\p{^Greek}`.
  PatternNode parse_coded(char kind) {
    rest_.remove_prefix(1);
    if (take('{')) {
      rest_.remove_prefix(std::min(rest_.find('}'), rest_.size() - 1) + 1);
    } else {
      rest_.remove_prefix(std::min<std::size_t>(kind == 'x' ? 2 : 1, rest_.size()));
    }
    return node_of(NodeKind::unknown);
  }

  PatternNode parse_quoted() {
    rest_.remove_prefix(1);
    std::vector<PatternNode> parts;
    while (!rest_.empty() && !take_text("\\E")) parts.push_back(parse_character());
    // A repetition binds to the last character only, or to what stands before an empty quotation.
    if (!rest_.empty() && std::string_view("*+?{").find(rest_.front()) != std::string_view::npos) {
      if (parts.empty()) return give_up();
      parts.back() = repeated(std::move(parts.back()));
    }
    return node_with(NodeKind::sequence, std::move(parts));
  }

  PatternNode repeated(PatternNode node) {
    for (;;) {
      int least = 1, most = PatternNode::no_limit;
      if (take('*')) {
        least = 0;
      } else if (take('?')) {
        least = 0, most = 1;
      } else if (!take('+') && !take_count(least, most)) {
        return node;
      }
      take('?');  // not greedy
      if (least == 1 && most == 1) continue;
      auto repeat = node_of(NodeKind::repeat);
      repeat.least = least;
      repeat.most = most;
      repeat.children.push_back(std::move(node));
      node = std::move(repeat);
    }
  }

  // `{2}`, `{2,}`, `{2,5}`; anything else after a brace is literal text.
  bool take_count(int& least, int& most) {
    if (rest_.empty() || rest_.front() != '{') return false;
    const auto end = rest_.find('}');
    if (end == std::string_view::npos) return false;
    const auto body = rest_.substr(1, end - 1);
    const auto comma = body.find(',');
    const auto first = number(body.substr(0, comma));
    if (!first) return false;
    auto second = first;
    if (comma != std::string_view::npos) {
      second = comma + 1 == body.size() ? PatternNode::no_limit : number(body.substr(comma + 1));
      if (!second) return false;
    }
    least = *first;
    most = *second;
    rest_.remove_prefix(end + 1);
    return true;
  }

  static std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [after, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || after != end || value < 0 || digits.starts_with('-'))
      return std::nullopt;
    return value;
  }

  PatternNode give_up() {
    lost_ = true;
    rest_ = {};
    return node_of(NodeKind::unknown);
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

/// Matches the empty text, wherever it stands.
bool may_be_empty(const PatternNode& node) {
  const auto& children = node.children;
  switch (node.kind) {
    case NodeKind::empty:
      return true;
    case NodeKind::sequence:
      return std::all_of(children.begin(), children.end(), may_be_empty);
    case NodeKind::alternatives:
      return std::any_of(children.begin(), children.end(), may_be_empty);
    case NodeKind::repeat:
      return node.least == 0 || may_be_empty(children.front());
    default:
      return false;
  }
}

PatternNode without_idle_end(PatternNode node, bool front) {
  auto& children = node.children;
  if (may_be_empty(node)) return node_of(NodeKind::empty);
  if (node.kind == NodeKind::alternatives) {
    for (auto& branch : children) branch = without_idle_end(std::move(branch), front);
  } else if (node.kind == NodeKind::sequence) {
    while (may_be_empty(front ? children.front() : children.back()))
      children.erase(front ? children.begin() : children.end() - 1);
    auto& outer = front ? children.front() : children.back();
    outer = without_idle_end(std::move(outer), front);
    if (children.size() == 1) return PatternNode(std::move(children.front()));
  } else if (node.kind == NodeKind::repeat) {
    // Of "[0-9]+" one digit decides as well as all.
    node.most = node.least;
    if (node.most == 1) return without_idle_end(PatternNode(std::move(children.front())), front);
  }
  return node;
}

}  // namespace

PatternTree tree_of(std::string_view pattern) {
  auto tree = Parser(pattern).parse_all();
  for (const bool front : {true, false}) tree.root = without_idle_end(std::move(tree.root), front);
  return tree;
}

}  // namespace maildiag::rulebook
