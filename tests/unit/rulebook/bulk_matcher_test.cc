#include "rulebook/bulk_matcher.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "rulebook/loader/re2_options.h"
#include "rulebook/loader/tables.h"

using namespace maildiag;
using namespace maildiag::rulebook;

namespace {

std::vector<std::string> shipped_examples() {
  std::vector<std::string> result;
  for (const auto& rule : compiled_tables().rules) {
    for (const auto example : rule.examples) result.emplace_back(example);
    for (const auto example : rule.not_examples) result.emplace_back(example);
  }
  return result;
}

// What happens to replies on their way: other case, lost and doubled pieces, noise, two replies in
// one.
std::string mutate(std::string text, const std::vector<std::string>& pool, std::mt19937& random) {
  const auto at = [&] { return text.empty() ? 0 : random() % text.size(); };
  for (std::size_t changes = 1 + random() % 4; changes > 0; --changes) {
    switch (random() % 7) {
      case 0:
        text.erase(at(), 1 + random() % 5);
        break;
      case 1:
        text.insert(at(), text.substr(at(), random() % 12));
        break;
      case 2:
        text.insert(at(), 1, static_cast<char>(random() % 256));
        break;
      case 3:
        text += " " + pool[random() % pool.size()];
        break;
      case 4:
        text.insert(at(), pool[random() % pool.size()].substr(0, 20));
        break;
      case 5:
        for (auto& c : text)
          c = random() % 2 != 0 && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        break;
      default:
        text.insert(at(), random() % 2 != 0 ? "\xc5\xbf" : "\xe2\x84\xaa");
        break;
    }
  }
  return text;
}

/// Whether a rule matched.
bool check_agreement(const Matcher& lazy, Rulebook::BulkMatcher& bulk, const ReplyView& reply) {
  const auto one = lazy.match(reply);
  const auto other = bulk.match(reply);
  if (one.rule == other.rule && one.runner_up == other.runner_up && one.facts == other.facts)
    return one.rule != nullptr;
  CAPTURE(std::string(reply.text));
  CAPTURE(one.rule == nullptr ? "none" : one.rule->id);
  CAPTURE(other.rule == nullptr ? "none" : other.rule->id);
  FAIL_CHECK("the lazy way and the set disagree");
  return false;
}

}  // namespace

TEST_CASE("both ways of matching agree on every example and on what may become of it") {
  const Matcher lazy(compiled_tables());
  const auto bulk = make_bulk_matcher(lazy);
  const auto examples = shipped_examples();
  REQUIRE(examples.size() > 300);
  std::mt19937 random(20261121);
  // The fuzz target rules_match goes on where this ends.
  std::size_t matched = 0, matched_mutants = 0;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (check_agreement(lazy, *bulk, {0, {}, examples[i], {}, {}})) ++matched;
    if (i % 2 != 0) continue;
    const auto text = mutate(examples[i], examples, random);
    const char* statuses[] = {"", "5.1.1", "4.7.0", "5.7.1"};
    const ReplyView reply{static_cast<int>(400 + random() % 200), statuses[random() % 4], text,
                          random() % 2 != 0 ? "mx1.hanmail.net" : "", ""};
    if (check_agreement(lazy, *bulk, reply)) ++matched_mutants;
  }
  CHECK(matched > examples.size() / 2);
  CHECK(matched_mutants > examples.size() / 4);
}

TEST_CASE("what the literals leave out no pattern matches") {
  const auto tables = compiled_tables();
  const Matcher lazy(tables);
  const auto bulk = make_bulk_matcher(lazy);
  std::vector<std::unique_ptr<RE2>> patterns;
  for (const auto& rule : tables.rules)
    patterns.push_back(std::make_unique<RE2>(re2::StringPiece(rule.match.data(), rule.match.size()),
                                             pattern_options()));
  const auto examples = shipped_examples();
  std::mt19937 random(20261122);
  for (std::size_t i = 0; i < examples.size(); i += 9) {  // odd ones, too
    const auto text = i % 2 == 0 ? examples[i] : mutate(examples[i], examples, random);
    const ReplyView reply{550, "", text, "", ""};
    const auto all = lazy.match_with(
        reply, [&](std::size_t index) { return RE2::PartialMatch(text, *patterns[index]); });
    const auto some = bulk->match(reply);
    CHECK_MESSAGE(all.rule == some.rule, text);
    CHECK_MESSAGE(all.runner_up == some.runner_up, text);
  }
}

TEST_CASE("facts and runner-up are left out where nobody wants them") {
  const Matcher lazy(compiled_tables());
  const auto bulk = make_bulk_matcher(lazy);
  ReplyView reply{554, "5.7.1", "Client host [203.0.113.7] blocked using zen.spamhaus.org", "", ""};
  CHECK_FALSE(bulk->match(reply).facts.empty());
  const auto whole = lazy.match(reply);
  reply.winner_only = true;
  for (const auto& match : {bulk->match(reply), lazy.match(reply)}) {
    CHECK(match.rule == whole.rule);
    CHECK(match.runner_up == nullptr);
    CHECK(match.facts.empty());
    CHECK(lazy.facts(static_cast<std::size_t>(match.rule - compiled_tables().rules.data()),
                     reply.text) == whole.facts);
  }
}
