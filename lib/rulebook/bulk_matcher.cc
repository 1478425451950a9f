#include "rulebook/bulk_matcher.h"

#include <bit>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "rulebook/literal_grams.h"
#include "rulebook/loader/literal_ways.h"

// One RE2::Set of all patterns was the first choice: with some 300 rules it did 208,000 lines/s.
// With 1,100 its automaton outgrows any memory and is thrown away again and again: 260 us a reply,
// where looking for every rule's literals one by one takes 25.

namespace maildiag::rulebook {
namespace {

/// Tells most rules that cannot match from a few octets that lie together: to look at a rule itself
/// is to wait for memory.
class Gates {
 public:
  explicit Gates(const Tables& tables) {
    for (const auto index : tables.rule_order) add(tables.rules[index]);
  }

  /// The codes and the host of one reply.
  struct Key {
    explicit Key(const ReplyView& reply)
        : code(bit_of(reply.code)),
          of_provider(!reply.remote_host.empty() || !reply.recipient_domain.empty()) {}
    std::uint64_t code;
    bool of_provider;
  };
  bool open(std::size_t rank, const Key& key, const TextGrams& grams) const {
    const auto& gate = gates_[rank];
    return (gate.codes & key.code) != 0 && (key.of_provider || !gate.of_provider) &&
           grams.may_be_in(gate.ways);
  }

 private:
  struct Gate {
    std::uint64_t codes;  ///< a bit for each reply code, and for those 64 apart
    std::span<const std::uint32_t> ways;
    bool of_provider;
  };

  static std::uint64_t bit_of(int code) {
    return std::uint64_t{1} << (static_cast<unsigned>(code) % 64);
  }
  void add(const Rule& rule) {
    Gate gate{rule.reply.empty() ? ~std::uint64_t{0} : 0, rule.ways, rule.from_provider};
    for (const auto code : rule.reply) gate.codes |= bit_of(code);
    gates_.push_back(gate);
  }

  std::vector<Gate> gates_;  ///< in the order of Tables::rule_order
};

class LiteralMatcher : public Rulebook::BulkMatcher {
 public:
  explicit LiteralMatcher(const Matcher& matcher)
      : matcher_(matcher),
        literals_(literals_of(matcher.tables())),
        gates_(matcher.tables()),
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
    return match_among_ranks(view, text);
  }

 private:
  static void add(std::uint32_t rank, std::vector<std::uint64_t>& ranks) {
    ranks[rank / 64] |= std::uint64_t{1} << (rank % 64);
  }

  /// Each with the rank of its rule.
  static std::vector<std::pair<std::string_view, std::uint32_t>> literals_of(const Tables& tables) {
    std::vector<std::pair<std::string_view, std::uint32_t>> literals;
    for (std::uint32_t rank = 0; rank < tables.rule_order.size(); ++rank) {
      for (const auto literal : tables.rules[tables.rule_order[rank]].literals)
        literals.emplace_back(literal, rank);
    }
    return literals;
  }

  Match match_among_ranks(const ReplyView& reply, const FoldedText& text) const {
    const auto& tables = matcher_.tables();
    const TextGrams grams(text.folded);
    const Gates::Key key(reply);
    const auto hit = [&](std::size_t index) { return matcher_.matches(index, text); };
    Match result;
    for (std::size_t i = 0; i < ranks_.size(); ++i) {
      for (auto left = ranks_[i]; left != 0; left &= left - 1) {
        const auto rank = 64 * i + static_cast<std::size_t>(std::countr_zero(left));
        if (!gates_.open(rank, key, grams)) continue;
        if (matcher_.take(reply, tables.rule_order[rank], hit, result)) return result;
      }
    }
    return result;
  }

  const Matcher& matcher_;
  LiteralGrams literals_;
  Gates gates_;
  std::vector<std::uint64_t> always_;  ///< ranks of rules without a literal, a bit for each
  std::vector<std::uint64_t> ranks_;   ///< the same of one reply's
};

}  // namespace

std::unique_ptr<Rulebook::BulkMatcher> make_bulk_matcher(const Matcher& matcher) {
  return std::make_unique<LiteralMatcher>(matcher);
}

}  // namespace maildiag::rulebook
