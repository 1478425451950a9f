#include "rulebook/literal_automaton.h"

namespace maildiag::rulebook {

LiteralAutomaton::LiteralAutomaton(
    const std::vector<std::pair<std::string_view, std::uint32_t>>& literals) {
  for (const auto& [literal, meaning] : literals) {
    for (const char c : literal) {
      auto& octet_class = class_of_[static_cast<unsigned char>(c)];
      // 255 classes are enough: the folded literals have no capital letters.
      if (octet_class == 0 && classes_ < 256) octet_class = static_cast<std::uint8_t>(classes_++);
    }
  }
  add_state();
  for (const auto& [literal, meaning] : literals) {
    std::size_t state = 0;
    for (const char c : literal) {
      const auto edge = state * classes_ + class_of_[static_cast<unsigned char>(c)];
      if (next_[edge] == 0) {
        const auto added = add_state();
        next_[edge] = static_cast<std::uint32_t>(added);
      }
      state = next_[edge];
    }
    outputs_.push_back({meaning, first_[state]});
    first_[state] = static_cast<std::uint32_t>(outputs_.size() - 1);
  }
  link_suffixes();
}

std::size_t LiteralAutomaton::add_state() {
  next_.resize(next_.size() + classes_);
  first_.push_back(none);
  return first_.size() - 1;
}

/// Breadth first: a state's longest proper suffix that is a state has its edges already.
void LiteralAutomaton::link_suffixes() {
  std::vector<std::uint32_t> suffix(first_.size()), order{0};
  order.reserve(first_.size());
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::size_t state = order[at];
    for (std::size_t c = 0; c < classes_; ++c) {
      auto& edge = next_[state * classes_ + c];
      const auto fallback = state == 0 ? 0U : next_[suffix[state] * classes_ + c];
      if (edge == 0) {
        edge = fallback;
        continue;
      }
      suffix[edge] = fallback;
      // Behind the state's own outputs come those of its suffix.
      if (first_[edge] == none) {
        first_[edge] = first_[fallback];
      } else {
        auto last = first_[edge];
        while (outputs_[last].more != none) last = outputs_[last].more;
        outputs_[last].more = first_[fallback];
      }
      order.push_back(edge);
    }
  }
}

}  // namespace maildiag::rulebook
