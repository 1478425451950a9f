#include "rulebook/bulk_matcher.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "rulebook/literal_grams.h"
#include "rulebook/loader/pattern.h"

// One RE2::Set of all patterns was the first choice: with some 300 rules it did 208,000 lines/s.
// With 1,100 its automaton outgrows any memory and is thrown away again and again: 260 us a reply,
// where looking for every rule's literals one by one takes 25.

namespace maildiag::rulebook {
namespace {

using Literals = std::vector<std::pair<std::string_view, std::uint32_t>>;

class LiteralMatcher : public Rulebook::BulkMatcher {
 public:
  explicit LiteralMatcher(const Matcher& matcher)
      : matcher_(matcher),
        literals_(literals_of(matcher.tables())),
        seen_(matcher.tables().rule_order.size()) {
    const auto& tables = matcher.tables();
    for (std::size_t rank = 0; rank < tables.rule_order.size(); ++rank) {
      const auto& rule = tables.rules[tables.rule_order[rank]];
      if (rule.literals.empty()) always_.push_back(static_cast<std::uint32_t>(rank));
      has_other_place_.push_back(!rule.also.empty());
    }
  }

  Match match(const ReplyView& reply) override {
    auto view = reply;
    view.text = view.text.substr(0, max_matched_bytes);
    ++round_;
    ranks_.clear();
    literals_.search(fold(view.text), [this](std::uint32_t meaning) { find(meaning); });
    std::sort(ranks_.begin(), ranks_.end());
    return matcher_.match_among(view, ranks_, always_);
  }

 private:
  /// The two places of a rule's pattern that a literal is known of.
  static constexpr unsigned first_place = 1, other_place = 2;

  struct Seen {
    std::uint64_t round = 0;  ///< in which a literal of the rule was found last
    unsigned places = 0;      ///< found in that round
  };

  void find(std::uint32_t meaning) {
    const auto rank = meaning >> 1;
    auto& seen = seen_[rank];
    if (seen.round != round_) seen = {round_, has_other_place_[rank] ? 0U : other_place};
    const auto places = seen.places | (meaning & 1 ? other_place : first_place);
    if (std::exchange(seen.places, places) == places) return;
    if (places == (first_place | other_place)) ranks_.push_back(rank);
  }

  /// Each with the rank of its rule, doubled; and 1 where it is of `also`.
  static Literals literals_of(const Tables& tables) {
    Literals literals;
    for (std::size_t rank = 0; rank < tables.rule_order.size(); ++rank) {
      const auto& rule = tables.rules[tables.rule_order[rank]];
      const auto meaning = static_cast<std::uint32_t>(rank) * 2;
      for (const auto literal : rule.literals) literals.emplace_back(literal, meaning);
      for (const auto literal : rule.also) literals.emplace_back(literal, meaning + 1);
    }
    return literals;
  }

  const Matcher& matcher_;
  LiteralGrams literals_;
  std::vector<std::uint32_t> always_;  // ranks of rules without a literal, ascending
  std::vector<bool> has_other_place_;  // by rank
  std::vector<Seen> seen_;             // by rank
  std::uint64_t round_ = 0;
  std::vector<std::uint32_t> ranks_;
};

}  // namespace

std::unique_ptr<Rulebook::BulkMatcher> make_bulk_matcher(const Matcher& matcher) {
  return std::make_unique<LiteralMatcher>(matcher);
}

}  // namespace maildiag::rulebook
