/// Finds the rule that wins for a reply. Shared by both ways of matching; only the test of a
/// pattern differs.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "rulebook/loader/tables.h"
#include "rulebook/pattern_program.h"

namespace maildiag::rulebook {

/// Replies are read up to here, which a cut bounce::Reply::text never passes: time stays bounded
/// whoever calls.
inline constexpr std::size_t max_matched_bytes = 64UL << 10;

/// Everything but the words: reply codes, status codes, provider.
bool guards_hold(const Rule& rule, std::span<const Provider> providers, const ReplyView& reply);

/// What Rule::names demands of the text.
bool names_hold(const Rule& rule, const ReplyView& reply);

/// Immutable to its users; patterns are compiled when first needed. Thread-safe. The tables outlive
/// it.
class Matcher {
 public:
  explicit Matcher(const Tables& tables);

  Match match(const ReplyView& reply) const;

  /// `hit(index)` tells whether the pattern of tables.rules[index] matches.
  template <class Hit>
  Match match_with(const ReplyView& reply, Hit&& hit) const {
    Match result;
    for (const auto index : tables_.rule_order) {
      if (take(reply, index, hit, result)) break;
    }
    return result;
  }

  /// True when all that is wanted is known. One rule's turn in match_with(): in the order of
  /// tables.rule_order.
  template <class Hit>
  bool take(const ReplyView& reply, std::size_t index, Hit&& hit, Match& result) const {
    const Rule& rule = tables_.rules[index];
    if (!guards_hold(rule, tables_.providers, reply)) return false;
    if (!rule.match.empty() && !hit(index)) return false;
    if (rule.cause == reply.except_cause) return false;
    if (!names_hold(rule, reply) || is_excepted(index, reply.text)) return false;
    if (result.rule != nullptr) {
      result.runner_up = &rule;
      return true;
    }
    result.rule = &rule;
    if (reply.winner_only) return true;
    result.facts = facts(index, reply.text);
    return false;
  }

  /// REQUIRES: one of the rule's literals stands in `text`, folded.
  bool matches(std::size_t index, const FoldedText& text) const;

  /// Of the winner: named groups, and the rule's own `list` where no group names one. None without
  /// a pattern.
  std::vector<std::pair<std::string, std::string>> facts(std::size_t index,
                                                         std::string_view text) const;

  const Tables& tables() const { return tables_; }

 private:
  const RE2& pattern(std::size_t index) const;
  /// True where Rule::unless matches.
  bool is_excepted(std::size_t index, std::string_view text) const;
  std::vector<std::pair<std::string, std::string>> named_groups(std::size_t index,
                                                                std::string_view text) const;

  struct Compiled {
    std::once_flag once, looked_at, unless_once;
    std::unique_ptr<const PatternProgram> program;  // nullptr: only RE2 understands the pattern
    std::unique_ptr<const RE2> pattern, unless;
  };
  Tables tables_;
  std::unique_ptr<Compiled[]> compiled_;
};

}  // namespace maildiag::rulebook
