// A user's rules, each pattern against RE2 alone, and the two ways in which rules are matched
// against RE2::Set as a third.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <re2/re2.h>
#include <re2/set.h>

#include "bounce/reader.h"
#include "core/text.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "rulebook/bulk_matcher.h"
#include "rulebook/loader/node.h"
#include "rulebook/loader/re2_options.h"
#include "rulebook/matcher.h"
#include "rulebook/rulebook.h"
#include "support/temporary_directory.h"

namespace maildiag::fuzz {

namespace {

using namespace rulebook;

/// What RE2 may take for the automaton of all patterns.
constexpr std::int64_t set_memory = 256L << 20;

re2::StringPiece re2_view(std::string_view text) {
  return {text.data(), text.size()};
}

/// Every pattern at once, which knows nothing of literals.
class SetMatcher {
 public:
  explicit SetMatcher(const Matcher& matcher)
      : matcher_(matcher), set_(pattern_options(set_memory), RE2::UNANCHORED) {
    const auto rules = matcher.tables().rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].match.empty()) continue;
      const int place = set_.Add(re2_view(rules[i].match), nullptr);
      require(place == static_cast<int>(indices_.size()), "a pattern compiles");
      indices_.push_back(i);
    }
    require(set_.Compile(), "all patterns together compile");
  }

  /// nullopt: the automaton has no room for this text.
  std::optional<Match> match(const ReplyView& reply) const {
    std::vector<int> places;
    RE2::Set::ErrorInfo info{};
    set_.Match(re2_view(reply.text.substr(0, max_matched_bytes)), &places, &info);
    if (info.kind == RE2::Set::kOutOfMemory) return std::nullopt;
    require(info.kind == RE2::Set::kNoError, "the set answers");
    std::vector<bool> hits(matcher_.tables().rules.size());
    for (const int place : places) hits[indices_[static_cast<std::size_t>(place)]] = true;
    return matcher_.match_with(reply, [&](std::size_t index) { return hits[index]; });
  }

 private:
  const Matcher& matcher_;
  RE2::Set set_;
  std::vector<std::size_t> indices_;
};

struct Ways {
  Matcher matcher{compiled_tables()};
  std::unique_ptr<Rulebook::BulkMatcher> bulk = make_bulk_matcher(matcher);
  SetMatcher set{matcher};
};

void require_same(const Match& one, const Match& other, const char* property) {
  require(one.rule == other.rule && one.runner_up == other.runner_up && one.facts == other.facts,
          property);
}

/// What the rule's pattern matches, without its guards, is what RE2 says: literals and program lose
/// nothing and find nothing else.
void require_as_re2_says(const Rule& rule, const std::vector<std::string_view>& texts) {
  Rule unguarded = rule;
  unguarded.reply = {};
  unguarded.status = {};
  unguarded.from_provider = false;
  unguarded.names = {};
  unguarded.unless = {};
  static constexpr std::array<std::uint16_t, 1> order{0};
  Tables tables;
  tables.rules = {&unguarded, 1};
  tables.rule_order = order;
  const Matcher matcher(tables);
  const RE2 pattern(re2_view(rule.match), pattern_options());
  require(pattern.ok(), "a pattern that was loaded compiles");
  for (const auto text : texts) {
    const bool matched = matcher.match({550, "", text, "", "", true}).rule != nullptr;
    const auto read = re2_view(text.substr(0, max_matched_bytes));
    require(matched == RE2::PartialMatch(read, pattern), "a pattern matches what RE2 says");
  }
}

}  // namespace

// Rules as TOML, on top of the shipped ones; what loads is matched.
void rules_file(std::string_view octets) {
  const auto document = parse_toml(octets, "rules.toml");
  if (!document) {
    require(document.error().message.starts_with("rules.toml:"), "a fault names the file");
    return require(is_one_safe_line(document.error().message), "a fault is one safe line");
  }
  if (document->members.empty()) return;
  const test::TemporaryDirectory directory;
  directory.write("rules.toml", octets);
  const auto loaded = Rulebook::load({directory.path()});
  if (!loaded) return require(is_one_safe_line(loaded.error().message), "a fault is one safe line");
  const auto bulk = (*loaded)->bulk_matcher();
  std::vector<std::string_view> texts;
  for (const auto& rule : (*loaded)->rules()) {
    if (rule.layer == 0) continue;
    texts.insert(texts.end(), rule.examples.begin(), rule.examples.end());
    texts.insert(texts.end(), rule.not_examples.begin(), rule.not_examples.end());
  }
  for (const auto text : texts) {
    const ReplyView reply{550, "5.7.1", text, "", "", false};
    require_same((*loaded)->match(reply), bulk->match(reply), "both ways find one rule");
  }
  for (const auto& rule : (*loaded)->rules()) {
    if (rule.layer != 0 && !rule.match.empty()) require_as_re2_says(rule, texts);
  }
}

// A reply: its code and status, then its words. Lines in front: the remote host, the domain.
void rules_match(std::string_view octets) {
  static Ways ways;
  const auto host = take_line(octets);
  const auto domain = take_line(octets);
  const auto read = bounce::read_reply(octets);
  std::vector<ReplyView> replies{{0, "", octets, host, domain, false}};
  if (!read.failures.empty()) {
    const auto& reply = read.failures.front().reply;
    replies.push_back({reply.code, reply.status, reply.text, host, domain, false});
  }
  for (const auto& reply : replies) {
    const auto one = ways.matcher.match(reply);
    require_same(one, ways.bulk->match(reply), "literals one by one find what all at once do");
    const auto all = ways.set.match(reply);
    require(!all || (one.rule == all->rule && one.runner_up == all->runner_up),
            "literals lose no rule that RE2 finds");
    require(one.rule == nullptr || guards_hold(*one.rule, ways.matcher.tables().providers, reply),
            "the winner's guards hold");
  }
}

}  // namespace maildiag::fuzz
