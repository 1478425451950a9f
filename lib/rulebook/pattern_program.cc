#include "rulebook/pattern_program.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "core/utf8.h"
#include "rulebook/loader/letter_case.h"

namespace maildiag::rulebook {

namespace {

/// Places to go back to; the shipped patterns have at most 12 at a time.
constexpr std::size_t max_places = 64;
/// Steps for each octet of the text, and some for a short one. Nearly all texts need less than one.
constexpr std::size_t steps_per_octet = 32;
constexpr std::size_t steps_at_least = 1000;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// The mark of each character where it begins. nullopt: invalid UTF-8.
std::optional<std::string> marks_of(std::string_view text) {
  std::string marks(text.size(), '\0');
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text.substr(at));
    if (!decoded.valid) return std::nullopt;
    marks[at] = mark_of(decoded.point);
    at += decoded.length;
  }
  return marks;
}

}  // namespace

FoldedText::FoldedText(std::string_view whole) : text(whole), folded(fold(whole)) {
  if (text::is_ascii(whole)) return;
  kind = Kind::other;
  // What fold() shortens is a letter to RE2, but no word character at a border.
  if (folded.size() != whole.size()) return;
  if (auto known = marks_of(folded)) {
    other_marks = std::move(*known);
    kind = Kind::utf8;
  }
}

/// One text's way through the steps.
class PatternProgram::Run {
 public:
  Run(const PatternProgram& program, const FoldedText& text)
      : program_(program),
        text_(text.folded),
        marks_(text.marks()),
        steps_left_(steps_at_least + steps_per_octet * text_.size()) {}

  std::optional<bool> search() {
    if (program_.only_at_begin_) return result(go(0, 0));
    const auto& steps = program_.steps_;
    const std::size_t front = steps.front().op == Op::word_border ? 1 : 0;
    if (steps[front].op == Op::text) return search_behind(front);
    for (std::size_t at = 0;; at += sequence_length(text_[at])) {
      at = next_start(at);
      if (at > text_.size()) return false;
      const auto found = go(0, at);
      if (found || given_up_) return result(found);
      if (at == text_.size()) return false;
    }
  }

 private:
  struct Place {
    std::uint16_t step;
    std::uint16_t left;  ///< of a run: more characters that it may take; 0: no run
    std::uint32_t at;
  };

  std::optional<bool> result(bool found) const {
    return given_up_ ? std::nullopt : std::optional(found);
  }

  std::string_view literal_of(const Step& step) const {
    return std::string_view(program_.texts_).substr(step.at, step.size);
  }

  /// From each place where the text of the step stands.
  std::optional<bool> search_behind(std::size_t step) {
    const auto literal = literal_of(program_.steps_[step]);
    for (auto at = text_.find(literal); at != std::string_view::npos;
         at = text_.find(literal, at + 1)) {
      if (step > 0 && !is_border(at)) continue;
      const auto found = go(step + 1, at + literal.size());
      if (found || given_up_) return result(found);
    }
    return false;
  }

  std::size_t next_start(std::size_t at) const {
    while (at < text_.size()) {
      const auto next = at + sequence_length(text_[at]);
      if (next >= text_.size()) return begins(program_.start_, at) ? at : std::string_view::npos;
      if (program_.start_pairs_.has(marks_[at], marks_[next]) &&
          (!program_.starts_at_border_ || is_border(at)))
        return at;
      at = next;
    }
    return std::string_view::npos;
  }

  /// A character may be one of the set.
  bool begins(std::uint16_t set, std::size_t at) const {
    if (set == any_set) return true;
    if (at >= text_.size()) return false;
    if (is_only_mark(set)) return marks_[at] == static_cast<char>(set & 0xFF);
    return program_.sets_[set].marks.has(marks_[at]);
  }

  /// The same of two characters. Without the second one every third step would be in vain.
  bool begins(std::uint16_t set, std::uint16_t second, std::size_t at) const {
    if (set == any_set) return true;
    return begins(set, at) &&
           (second == any_set || begins(second, at + sequence_length(text_[at])));
  }

  bool has_member(const Step& step, std::size_t at) const {
    if (at >= text_.size()) return false;
    const auto& set = program_.sets_[step.set];
    if (!set.marks.has(marks_[at])) return false;
    return set.points.empty() || static_cast<unsigned char>(text_[at]) < 0x80 ||
           has_point(set.points, at);
  }

  bool has_point(const std::vector<PointRange>& points, std::size_t at) const {
    const auto point = utf8::decode(text_.substr(at)).point;
    return std::any_of(points.begin(), points.end(), [point](const auto& range) {
      return range.first <= point && point <= range.last;
    });
  }

  bool is_border(std::size_t at) const {
    const bool before = at > 0 && is_word(text_[at - 1]);
    const bool behind = at < text_.size() && is_word(text_[at]);
    return before != behind;
  }

  void keep(std::size_t step, std::size_t at, std::uint16_t left) {
    if (kept_ == max_places) {
      given_up_ = true;
      return;
    }
    places_[kept_++] = {static_cast<std::uint16_t>(step), left, static_cast<std::uint32_t>(at)};
  }

  /// Whether the steps from `step` on match at `at`.
  bool go(std::size_t step, std::size_t at) {
    kept_ = 0;
    for (;;) {
      const auto outcome = follow(step, at);
      if (outcome || given_up_) return outcome;
      // Back to the last choice. A run that was kept takes one character more.
      for (;;) {
        if (kept_ == 0) return false;
        const auto place = places_[--kept_];
        step = place.step;
        at = place.at;
        if (place.left == 0) break;
        if (!has_member(program_.steps_[step], at)) continue;
        at += sequence_length(text_[at]);
        if (!take_more(step, at, less(place.left))) continue;
        ++step;
        break;
      }
      if (given_up_) return false;
    }
  }

  /// Until a match or a step that fails.
  bool follow(std::size_t step, std::size_t at) {
    for (;;) {
      if (steps_left_-- == 0) given_up_ = true;
      if (given_up_) return false;
      const auto& now = program_.steps_[step];
      switch (now.op) {
        case Op::text:
          if (!text_.substr(at).starts_with(literal_of(now))) return false;
          at += now.size;
          break;
        case Op::one:
          if (!has_member(now, at)) return false;
          at += sequence_length(text_[at]);
          break;
        case Op::run:
          if (!take_least(now, at) || !take_more(step, at, limit_of(now))) return false;
          break;
        case Op::branch:
          step = first_branch(step, at);
          if (program_.steps_[step].op != Op::branch) continue;
          keep(program_.steps_[step].at, at, 0);
          break;
        case Op::jump:
          step = now.at;
          continue;
        case Op::begin:
          if (at != 0) return false;
          break;
        case Op::end:
          if (at != text_.size()) return false;
          break;
        case Op::word_border:
        case Op::no_border:
          if (is_border(at) != (now.op == Op::word_border)) return false;
          break;
        case Op::match:
          return true;
      }
      ++step;
    }
  }

  /// The next of the alternatives that may begin at `at`; the last one is no branch.
  std::size_t first_branch(std::size_t step, std::size_t at) const {
    const auto& steps = program_.steps_;
    while (steps[step].op == Op::branch && !begins(steps[step].set, steps[step].second, at))
      step = steps[step].at;
    return step;
  }

  static std::uint16_t limit_of(const Step& run) {
    return run.most == no_limit ? no_limit : static_cast<std::uint16_t>(run.most - run.least);
  }

  static std::uint16_t less(std::uint16_t left) {
    return left == no_limit ? left : static_cast<std::uint16_t>(left - 1);
  }

  bool take_least(const Step& run, std::size_t& at) const {
    for (unsigned count = 0; count < run.least; ++count) {
      if (!has_member(run, at)) return false;
      at += sequence_length(text_[at]);
    }
    return true;
  }

  /// No more characters than it must for what comes behind to begin at `at`; where it could have
  /// taken more is kept.
  bool take_more(std::size_t step, std::size_t& at, std::uint16_t left) {
    const auto& run = program_.steps_[step];
    while (!begins(run.next, run.second, at)) {
      if (left == 0 || !has_member(run, at)) return false;
      at += sequence_length(text_[at]);
      left = less(left);
      if (steps_left_-- == 0) {
        given_up_ = true;
        return false;
      }
    }
    if (left > 0) keep(step, at, left);
    return true;
  }

  const PatternProgram& program_;
  std::string_view text_, marks_;
  std::size_t steps_left_;
  bool given_up_ = false;
  std::size_t kept_ = 0;
  std::array<Place, max_places> places_;
};

std::optional<bool> PatternProgram::matches(const FoldedText& text) const {
  if (text.kind == FoldedText::Kind::other) return std::nullopt;
  if (ascii_only_ && text.kind != FoldedText::Kind::ascii) return std::nullopt;
  return Run(*this, text).search();
}

}  // namespace maildiag::rulebook
