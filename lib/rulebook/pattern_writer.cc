// A pattern's tree becomes steps.

#include <algorithm>
#include <limits>
#include <utility>

#include "core/utf8.h"
#include "rulebook/pattern_program.h"

namespace maildiag::rulebook {

namespace {

using NodeKind = PatternNode::Kind;
using Op = PatternProgram::Op;
using Step = PatternProgram::Step;

/// What is larger is left to RE2: the longest shipped pattern has some 600 steps.
constexpr std::size_t max_steps = 2000;
constexpr std::size_t max_text_octets = 4000;
// No step has more than three sets.
static_assert(3 * max_steps < PatternProgram::only_mark);

/// Characters of the shortest match; enough to know whether there are any.
bool takes_a_character(const PatternNode& node) {
  const auto& children = node.children;
  switch (node.kind) {
    case NodeKind::text:
    case NodeKind::set:
      return true;
    case NodeKind::sequence:
      return std::any_of(children.begin(), children.end(), takes_a_character);
    case NodeKind::alternatives:
      return std::all_of(children.begin(), children.end(), takes_a_character);
    case NodeKind::repeat:
      return node.least > 0 && takes_a_character(children.front());
    default:
      return false;
  }
}

bool is_ascii_character(const PatternNode& node) {
  return node.kind == NodeKind::text && node.text.size() == 1;
}

/// REQUIRES: not empty.
char first_mark(std::string_view text) {
  return mark_of(utf8::decode(text).point);
}

void add_marks(PointRange range, MarkSet& marks) {
  if (range.last - range.first >= 0x7F) return marks.add_all_beyond_ascii();
  for (auto point = range.first; point <= range.last; ++point) marks.add(mark_of(point));
}

CharacterSet characters_of(const PatternNode& node) {
  CharacterSet set;
  if (node.kind == NodeKind::text) {
    set.marks.add(node.text.front());
    return set;
  }
  for (unsigned char c = 0; c < 0x80; ++c) {
    if (node.members.has(c)) set.marks.add(static_cast<char>(c));
  }
  if (node.beyond == Beyond::all) set.marks.add_all_beyond_ascii();
  set.points = node.points;
  for (const auto& range : node.points) add_marks(range, set.marks);
  return set;
}

}  // namespace

class ProgramWriter {
 public:
  std::optional<PatternProgram> write(const PatternNode& root) {
    if (!takes_a_character(root)) return std::nullopt;
    write_node(root);
    add({});
    if (failed_) return std::nullopt;
    look_ahead();
    return std::move(program_);
  }

 private:
  struct First {
    MarkSet marks;
    bool any = false;     ///< also where nothing follows
    bool border = false;  ///< always at a word's border

    void add(const First& other) {
      marks.add(other.marks);
      any = any || other.any;
      border = border && other.border;
    }
  };

  void write_node(const PatternNode& node) {
    switch (node.kind) {
      case NodeKind::unknown:
        failed_ = true;
        return;
      case NodeKind::empty:
        return;
      case NodeKind::begin:
        return add({.op = Op::begin});
      case NodeKind::end:
        return add({.op = Op::end});
      case NodeKind::word_border:
        return add({.op = Op::word_border});
      case NodeKind::no_border:
        return add({.op = Op::no_border});
      case NodeKind::text:
        return write_text(node);
      case NodeKind::set:
        if (node.beyond == Beyond::some) program_.ascii_only_ = true;
        return add({.op = Op::one, .set = set_of(characters_of(node))});
      case NodeKind::sequence:
        return write_sequence(node);
      case NodeKind::alternatives:
        return write_alternatives(node);
      case NodeKind::repeat:
        return write_repeat(node);
    }
  }

  void write_sequence(const PatternNode& node) {
    for (const auto& child : node.children) write_node(child);
  }

  /// Joined with the text before it, unless something jumps in between.
  void write_text(const PatternNode& node) {
    auto& steps = program_.steps_;
    auto& texts = program_.texts_;
    if (!node.folds) program_.ascii_only_ = true;
    const bool joined = !steps.empty() && steps.back().op == Op::text && steps.size() > target_;
    if (!joined) add({.op = Op::text, .at = static_cast<std::uint16_t>(texts.size())});
    if (failed_ || texts.size() > max_text_octets) {
      failed_ = true;
      return;
    }
    texts += node.text;
    steps.back().size = static_cast<std::uint16_t>(steps.back().size + node.text.size());
  }

  void write_alternatives(const PatternNode& node) {
    std::vector<std::size_t> jumps;
    for (const auto& child : node.children) {
      const bool last = &child == &node.children.back();
      const auto branch = here();
      if (!last) add({.op = Op::branch});
      write_node(child);
      if (last) break;
      jumps.push_back(here());
      add({.op = Op::jump});
      lead_here(branch);
    }
    for (const auto jump : jumps) lead_here(jump);
  }

  void write_repeat(const PatternNode& node) {
    const auto& child = node.children.front();
    if (child.kind == NodeKind::set || is_ascii_character(child)) {
      if (child.beyond == Beyond::some) program_.ascii_only_ = true;
      const bool limited = node.most < PatternProgram::no_limit;
      if (node.least >= PatternProgram::no_limit) failed_ = true;
      return add(
          {.op = Op::run,
           .set = set_of(characters_of(child)),
           .least = static_cast<std::uint16_t>(node.least),
           .most = limited ? static_cast<std::uint16_t>(node.most) : PatternProgram::no_limit});
    }
    for (int i = 0; i < node.least && !failed_; ++i) write_node(child);
    if (node.most == PatternNode::no_limit) return write_loop(child);
    std::vector<std::size_t> ways_out;
    for (int i = node.least; i < node.most && !failed_; ++i) {
      ways_out.push_back(here());
      add({.op = Op::branch});
      write_node(child);
    }
    for (const auto branch : ways_out) lead_here(branch);
  }

  void write_loop(const PatternNode& child) {
    if (!takes_a_character(child)) failed_ = true;  // it would go round for ever
    const auto branch = here();
    target_ = branch;
    add({.op = Op::branch});
    write_node(child);
    add({.op = Op::jump, .at = static_cast<std::uint16_t>(branch)});
    lead_here(branch);
  }

  std::size_t here() const { return program_.steps_.size(); }

  void lead_here(std::size_t step) {
    if (failed_) return;
    program_.steps_[step].at = static_cast<std::uint16_t>(here());
    target_ = here();
  }

  void add(const Step& step) {
    if (here() >= max_steps) failed_ = true;
    if (!failed_) program_.steps_.push_back(step);
  }

  std::uint16_t set_of(CharacterSet set) {
    auto& sets = program_.sets_;
    const auto known = std::find(sets.begin(), sets.end(), set);
    if (known != sets.end()) return static_cast<std::uint16_t>(known - sets.begin());
    sets.push_back(std::move(set));
    return static_cast<std::uint16_t>(sets.size() - 1);
  }

  void look_ahead() {
    known_.resize(here());
    known_seconds_.resize(here());
    for (std::size_t i = 0; i < here(); ++i) {
      auto& step = program_.steps_[i];
      if (step.op == Op::run) step.next = set_of_first(i + 1);
      if (step.op == Op::branch) step.set = set_of_first(i + 1);
      if (step.op == Op::run || step.op == Op::branch) step.second = set_of_second(i + 1);
    }
    program_.start_ = set_of_first(0);
    program_.starts_at_border_ = first_of(0).border;
    noted_.resize(here());
    note_pairs(0);
    program_.only_at_begin_ = program_.steps_.front().op == Op::begin;
  }

  std::uint16_t set_of_first(std::size_t step) { return set_of(first_of(step)); }
  std::uint16_t set_of_second(std::size_t step) { return set_of(second_of(step)); }
  std::uint16_t set_of(const First& first) {
    if (first.any) return PatternProgram::any_set;
    if (const auto mark = first.marks.only())
      return PatternProgram::only_mark | static_cast<unsigned char>(*mark);
    return set_of(CharacterSet{first.marks, {}});
  }

  /// Ends: what leads back to a step takes a character first. Each step is looked at once.
  First first_of(std::size_t at) {
    if (known_[at]) return *known_[at];
    const auto step = program_.steps_[at];
    First first;
    switch (step.op) {
      case Op::text:
        first.marks.add(first_mark(text_of(step)));
        break;
      case Op::one:
        first.marks = program_.sets_[step.set].marks;
        break;
      case Op::run:
        if (step.least == 0) first = first_of(at + 1);
        first.border = false;
        first.marks.add(program_.sets_[step.set].marks);
        break;
      case Op::branch:
        first = first_of(at + 1);
        first.add(first_of(step.at));
        break;
      case Op::jump:
        first = first_of(step.at);
        break;
      case Op::match:
        first.any = true;
        break;
      default:
        first = first_of(at + 1);
        first.border = first.border || step.op == Op::word_border;
        break;
    }
    known_[at] = first;
    return first;
  }

  /// What comes behind the first character of a match from `at` on. Ends for the same reason.
  First second_of(std::size_t at) {
    if (known_seconds_[at]) return *known_seconds_[at];
    const auto step = program_.steps_[at];
    First second;
    switch (step.op) {
      case Op::text:
        second = behind_first(at, text_of(step));
        break;
      case Op::one:
        second = first_of(at + 1);
        break;
      case Op::run:
        second = first_of(at + 1);
        second.marks.add(program_.sets_[step.set].marks);
        if (step.least == 0) second.add(second_of(at + 1));
        break;
      case Op::branch:
        second = second_of(at + 1);
        second.add(second_of(step.at));
        break;
      case Op::jump:
        second = second_of(step.at);
        break;
      case Op::match:
        second.any = true;
        break;
      default:
        second = second_of(at + 1);
        break;
    }
    known_seconds_[at] = second;
    return second;
  }

  First behind_first(std::size_t at, std::string_view text) {
    const auto rest = text.substr(sequence_length(text.front()));
    if (rest.empty()) return first_of(at + 1);
    First second;
    second.marks.add(first_mark(rest));
    return second;
  }

  std::string_view text_of(const Step& step) const {
    return std::string_view(program_.texts_).substr(step.at, step.size);
  }

  static std::uint32_t low_bits_of(const First& first) {
    return first.any ? UINT32_MAX : first.marks.low_bits();
  }

  /// The pairs of marks with which a match from `at` on begins.
  void note_pairs(std::size_t at) {
    if (std::exchange(noted_[at], char{1}) != 0) return;
    const auto step = program_.steps_[at];
    switch (step.op) {
      case Op::text:
        return program_.start_pairs_.add(low_bits_of(first_of(at)), low_bits_of(second_of(at)));
      case Op::one:
      case Op::run: {
        const auto& marks = program_.sets_[step.set].marks;
        auto second = low_bits_of(first_of(at + 1));
        if (step.op == Op::run) second |= marks.low_bits();
        program_.start_pairs_.add(marks.low_bits(), second);
        if (step.op == Op::run && step.least == 0) note_pairs(at + 1);
        return;
      }
      case Op::branch:
        note_pairs(at + 1);
        return note_pairs(step.at);
      case Op::jump:
        return note_pairs(step.at);
      case Op::match:
        return;
      default:
        return note_pairs(at + 1);
    }
  }

  PatternProgram program_;
  std::vector<std::optional<First>> known_, known_seconds_;
  std::vector<char> noted_;
  std::size_t target_ = 0;  ///< the last step that something leads to
  bool failed_ = false;
};

std::optional<PatternProgram> PatternProgram::compile(const PatternTree& pattern) {
  if (pattern.has_flags) return std::nullopt;
  return ProgramWriter().write(pattern.root);
}

}  // namespace maildiag::rulebook
