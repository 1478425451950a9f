#include "rulebook/loader/pattern.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "rulebook/loader/pattern_tree.h"

namespace maildiag::rulebook {
namespace {

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

Part repeat(Part part, int least) {
  if (least == 0) return any_part();
  part.exact.reset();
  part.enough = false;
  part.length *= least;
  return part;
}

Part part_of(const PatternNode& node);

std::vector<Part> parts_of(const std::vector<PatternNode>& nodes) {
  std::vector<Part> parts;
  parts.reserve(nodes.size());
  for (const auto& node : nodes) parts.push_back(part_of(node));
  return parts;
}

Part part_of(const PatternNode& node) {
  switch (node.kind) {
    case PatternNode::Kind::unknown:
    case PatternNode::Kind::set:
      return any_part();
    case PatternNode::Kind::text:
      // Letters with case fold in ways that the literal search does not know.
      return node.folds ? literal_part(node.text, node.characters)
                        : Part{std::nullopt, {}, {}, node.characters, false};
    case PatternNode::Kind::sequence:
      return concatenate(parts_of(node.children));
    case PatternNode::Kind::alternatives:
      return alternate(parts_of(node.children));
    case PatternNode::Kind::repeat:
      return repeat(part_of(node.children.front()), node.least);
    default:
      return empty_part();
  }
}

}  // namespace

PatternNeeds pattern_needs(std::string_view pattern) {
  const auto tree = tree_of(pattern);
  Part part = part_of(tree.root);
  part.enough = part.enough && !tree.has_flags;
  // A shorter one stands in most texts and tells nothing.
  constexpr std::size_t least_also_octets = 3;
  if (shortest(part.also) < least_also_octets) part.also.clear();
  return {std::move(part.literals), std::move(part.also), part.enough, part.length};
}

}  // namespace maildiag::rulebook
