#include "rulebook/loader/pattern.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "rulebook/loader/pattern_tree.h"

namespace maildiag::rulebook {
namespace {

// More alternatives than this are not worth searching for one by one.
constexpr std::size_t max_alternatives = 48;
// Of one way: what is left is the least telling.
constexpr std::size_t max_sets = 5;
// A pattern that has more is told by what is common to them.
constexpr std::size_t max_ways = 32;

struct Part {
  bool is_exact = false;  // matches just `exact`, ignoring case
  std::string exact;
  std::vector<Literals>
      sets;  // of each, one literal stands in what matches; the most telling first
  int length = 0;
  bool enough = false;  // as PatternNeeds, of the only set
};

Part literal_part(std::string text, int length) {
  Part part;
  part.is_exact = part.enough = true;
  part.sets.push_back({text});
  part.exact = std::move(text);
  part.length = length;
  return part;
}
// Matches between characters, or only between some.
Part empty_part() {
  Part part;
  part.is_exact = true;
  return part;
}
Part any_part() {
  return Part{};
}

std::size_t shortest(const Literals& literals) {
  std::size_t result = std::numeric_limits<std::size_t>::max();
  for (const auto& literal : literals) result = std::min(result, literal.size());
  return result;
}

// The longer the shortest literal the rarer a false alarm; then the fewer to search for.
bool is_more_telling(const Literals& a, const Literals& b) {
  const auto length_a = shortest(a), length_b = shortest(b);
  return length_a != length_b ? length_a > length_b : a.size() < b.size();
}

void keep_most_telling(std::vector<Literals>& sets) {
  std::stable_sort(sets.begin(), sets.end(), is_more_telling);
  if (sets.size() > max_sets) sets.resize(max_sets);
}

Part concatenate(const std::vector<Part>& parts) {
  if (parts.size() == 1) return parts.front();
  Part result = empty_part();
  result.enough = !parts.empty();
  std::string run;
  for (const auto& part : parts) {
    result.length += part.length;
    result.enough = result.enough && part.is_exact && part.enough;
    if (part.is_exact) {
      run += part.exact;
      result.exact += part.exact;
      continue;
    }
    if (!run.empty()) result.sets.push_back({run});
    run.clear();
    result.sets.insert(result.sets.end(), part.sets.begin(), part.sets.end());
    result.is_exact = false;
  }
  if (!run.empty()) result.sets.push_back({run});
  keep_most_telling(result.sets);
  return result;
}

// What all of them demand: the most telling of each, the second of each ...
std::vector<Literals> common_sets(const std::vector<Part>& parts) {
  std::size_t count = max_sets;
  for (const auto& part : parts) count = std::min(count, part.sets.size());
  std::vector<Literals> sets;
  for (std::size_t i = 0; i < count; ++i) {
    Literals all;
    for (const auto& part : parts) all.insert(all.end(), part.sets[i].begin(), part.sets[i].end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    if (all.size() <= max_alternatives) sets.push_back(std::move(all));
  }
  keep_most_telling(sets);
  return sets;
}

Part alternate(const std::vector<Part>& parts) {
  if (parts.size() == 1) return parts.front();
  Part result;
  result.length = std::numeric_limits<int>::max();
  result.sets = common_sets(parts);
  result.enough = result.sets.size() == 1;
  for (const auto& part : parts) {
    result.enough = result.enough && part.enough;
    result.length = std::min(result.length, part.length);
  }
  return result;
}

Part repeat(Part part, int least) {
  if (least == 0) return any_part();
  part.is_exact = false;
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
    case PatternNode::Kind::text: {
      if (node.folds) return literal_part(node.text, node.characters);
      // Letters with case fold in ways that the literal search does not know.
      auto part = any_part();
      part.length = node.characters;
      return part;
    }
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

LiteralWays ways_of(const PatternNode& root) {
  const bool several =
      root.kind == PatternNode::Kind::alternatives && root.children.size() <= max_ways;
  LiteralWays ways;
  for (auto& part : several ? parts_of(root.children) : std::vector{part_of(root)}) {
    ways.push_back(std::move(part.sets));
    std::erase_if(ways.back(),
                  [](const Literals& set) { return shortest(set) < least_octets_in_ways; });
    if (ways.back().empty()) return {};
  }
  return ways;
}

}  // namespace

PatternNeeds pattern_needs(std::string_view pattern) {
  const auto tree = tree_of(pattern);
  Part part = part_of(tree.root);
  PatternNeeds needs;
  needs.enough = part.enough && !tree.has_flags;
  needs.literal_length = part.length;
  if (!part.sets.empty()) needs.literals = std::move(part.sets.front());
  needs.ways = ways_of(tree.root);
  return needs;
}

}  // namespace maildiag::rulebook
