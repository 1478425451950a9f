#include "rulebook/bulk_matcher.h"

#include <utility>
#include <vector>

#include "rulebook/literal_grams.h"

// One RE2::Set of all patterns was the first choice: with some 300 rules it did 208,000 lines/s.
// With 1,100 its automaton outgrows any memory and is thrown away again and again: 260 us a reply,
// where looking for every rule's literals one by one takes 25.

namespace maildiag::rulebook {
namespace {

class LiteralMatcher : public Rulebook::BulkMatcher {
 public:
  explicit LiteralMatcher(const Matcher& matcher)
      : matcher_(matcher),
        literals_(literals_of(matcher.tables())),
        always_((matcher.tables().rule_order.size() + 63) / 64) {
    const auto& tables = matcher.tables();
    for (std::uint32_t rank = 0; rank < tables.rule_order.size(); ++rank) {
      if (tables.rules[tables.rule_order[rank]].literals.empty()) add(rank, always_);
    }
  }

  Match match(const ReplyView& reply) override {
    auto view = reply;
    view.text = view.text.substr(0, max_matched_bytes);
    const FoldedText text(view.text);
    ranks_ = always_;
    literals_.search(text.folded, [this](std::uint32_t rank) { add(rank, ranks_); });
    return matcher_.match_among(view, text, ranks_);
  }

 private:
  static void add(std::uint32_t rank, std::vector<std::uint64_t>& ranks) {
    ranks[rank / 64] |= std::uint64_t{1} << (rank % 64);
  }

  /// Each with the rank of its rule. The words of `also` are short and stand in most replies: they
  /// are looked for in the few rules whose turn comes.
  static std::vector<std::pair<std::string_view, std::uint32_t>> literals_of(const Tables& tables) {
    std::vector<std::pair<std::string_view, std::uint32_t>> literals;
    for (std::uint32_t rank = 0; rank < tables.rule_order.size(); ++rank) {
      for (const auto literal : tables.rules[tables.rule_order[rank]].literals)
        literals.emplace_back(literal, rank);
    }
    return literals;
  }

  const Matcher& matcher_;
  LiteralGrams literals_;
  std::vector<std::uint64_t> always_;  ///< ranks of rules without a literal, a bit for each
  std::vector<std::uint64_t> ranks_;   ///< the same of one reply's
};

}  // namespace

std::unique_ptr<Rulebook::BulkMatcher> make_bulk_matcher(const Matcher& matcher) {
  return std::make_unique<LiteralMatcher>(matcher);
}

}  // namespace maildiag::rulebook
