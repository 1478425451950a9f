#include "rulebook/bulk_matcher.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "rulebook/literal_automaton.h"
#include "rulebook/loader/pattern.h"

// One RE2::Set of all patterns was the first choice: with some 300 rules it did 208,000 lines/s.
// With 1,100 its automaton outgrows any memory and is thrown away again and again: 260 us a reply,
// where looking for every rule's literals one by one takes 25.

namespace maildiag::rulebook {
namespace {

using Literals = std::vector<std::pair<std::string_view, std::uint32_t>>;

class AutomatonMatcher : public Rulebook::BulkMatcher {
 public:
  explicit AutomatonMatcher(const Matcher& matcher)
      : matcher_(matcher),
        automaton_(literals_of(matcher.tables())),
        seen_(matcher.tables().rule_order.size(), 0) {
    const auto& tables = matcher.tables();
    for (std::size_t rank = 0; rank < tables.rule_order.size(); ++rank) {
      if (tables.rules[tables.rule_order[rank]].literals.empty())
        always_.push_back(static_cast<std::uint32_t>(rank));
    }
  }

  Match match(const ReplyView& reply) override {
    auto view = reply;
    view.text = view.text.substr(0, max_matched_bytes);
    ++round_;
    ranks_.clear();
    automaton_.search(fold(view.text), [this](std::uint32_t rank) {
      if (std::exchange(seen_[rank], round_) != round_) ranks_.push_back(rank);
    });
    std::sort(ranks_.begin(), ranks_.end());
    const auto found = static_cast<std::ptrdiff_t>(ranks_.size());
    ranks_.insert(ranks_.end(), always_.begin(), always_.end());
    std::inplace_merge(ranks_.begin(), ranks_.begin() + found, ranks_.end());
    return matcher_.match_among(view, ranks_);
  }

 private:
  /// With the rank of their rules.
  static Literals literals_of(const Tables& tables) {
    Literals literals;
    for (std::size_t rank = 0; rank < tables.rule_order.size(); ++rank) {
      for (const auto literal : tables.rules[tables.rule_order[rank]].literals)
        literals.emplace_back(literal, static_cast<std::uint32_t>(rank));
    }
    return literals;
  }

  const Matcher& matcher_;
  LiteralAutomaton automaton_;
  std::vector<std::uint32_t> always_;  // ranks of rules without a literal, ascending
  std::vector<std::uint64_t> seen_;    // by rank: the round in which its literal was found last
  std::uint64_t round_ = 0;
  std::vector<std::uint32_t> ranks_;
};

}  // namespace

std::unique_ptr<Rulebook::BulkMatcher> make_bulk_matcher(const Matcher& matcher) {
  return std::make_unique<AutomatonMatcher>(matcher);
}

}  // namespace maildiag::rulebook
