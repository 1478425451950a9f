#include "rulebook/loader/pattern.h"

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <re2/re2.h>

#include "rulebook/loader/letter_case.h"
#include "rulebook/loader/literal_ways.h"
#include "rulebook/loader/re2_options.h"
#include "rulebook/loader/tables.h"
#include "rulebook/rulebook.h"

using namespace maildiag;
using rulebook::fold;
using rulebook::pattern_needs;

namespace {

using rulebook::Literals;
using rulebook::LiteralWays;

bool has_any(const std::string& text, const Literals& literals) {
  return literals.empty() ||
         std::any_of(literals.begin(), literals.end(),
                     [&](const auto& literal) { return text.find(literal) != std::string::npos; });
}

bool is_in_one(const std::string& text, const LiteralWays& ways) {
  const auto holds = [&](const std::vector<Literals>& sets) {
    return std::all_of(sets.begin(), sets.end(),
                       [&](const Literals& set) { return has_any(text, set); });
  };
  return ways.empty() || std::any_of(ways.begin(), ways.end(), holds);
}

bool matches(const std::string& text, const std::string& pattern) {
  const RE2 compiled(pattern, rulebook::pattern_options());
  REQUIRE_MESSAGE(compiled.ok(), pattern);
  return RE2::PartialMatch(text, compiled);
}

}  // namespace

TEST_CASE("the longest literal that every match holds") {
  CHECK(pattern_needs("Mailbox Full").literals == Literals{"mailbox full"});
  CHECK(pattern_needs(R"(\bDAS41\b)").literals == Literals{"das41"});
  CHECK(pattern_needs(R"(user (?P<address>\S+) is unknown)").literals == Literals{" is unknown"});
  CHECK(pattern_needs(R"(allowed rcpt ?hosts)").literals == Literals{"allowed rcpt"});
  CHECK(pattern_needs(R"(list\.example\.org)").literals == Literals{"list.example.org"});
  CHECK(pattern_needs("[.]com[.]").literals == Literals{".com."});
  CHECK(pattern_needs("메일이 거부되었습니다").literals == Literals{"메일이 거부되었습니다"});
  CHECK(pattern_needs(R"(\Qa.b+c\E d)").literals == Literals{"a.b+c d"});
  CHECK(pattern_needs("ab{1}c").literals == Literals{"abc"});
  CHECK(pattern_needs("brace {x} here").literals == Literals{"brace {x} here"});
}

TEST_CASE("where the literals are all that a pattern asks for, they are enough") {
  for (const char* pattern :
       {"Mailbox Full", "over quota|mailbox (?:full)", "(?P<word>quota)", R"(\Qa.b\E|[.]c)",
        "ab{1}c", "메일이 거부", "é", "ab+", "(?:no )?PTR record.*"})
    CHECK_MESSAGE(pattern_needs(pattern).enough, pattern);
  for (const char* pattern :
       {R"(\bDAS41\b)", "^over", "quota$", "over quota|", "full|^over", "ab?c", "ab+c", "ab{2}",
        "a.c", "(?-i)Full", "x (?-i:Full)", "(?:over|above) quota", "full|[0-9]+", R"(a\x41)", "ω"})
    CHECK_FALSE_MESSAGE(pattern_needs(pattern).enough, pattern);
  for (const auto& rule : rulebook::compiled_tables().rules) {
    if (rule.match.empty() || !pattern_needs(rule.match).enough) continue;
    const RE2 compiled(std::string(rule.match), rulebook::pattern_options());
    for (const auto literal : rule.literals) {
      std::string text(literal);
      CHECK_MESSAGE(RE2::PartialMatch("x" + text + "x", compiled), rule.id);
      for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      CHECK_MESSAGE(RE2::PartialMatch("\xff " + text, compiled), rule.id);
    }
  }
}

TEST_CASE("an alternative needs one literal for each of its branches") {
  CHECK(pattern_needs("(?:MAIL|RCPT) first").literals == Literals{" first"});
  CHECK(pattern_needs("(?:quota exceeded|over quota)").literals ==
        Literals{"over quota", "quota exceeded"});
  CHECK(pattern_needs("over quota|").literals == Literals{});
  CHECK(pattern_needs(R"(over quota|\d+)").literals == Literals{});
}

TEST_CASE("what may be absent demands nothing") {
  for (const char* pattern : {"(?:abcdef)?", "(?:abcdef)*", "(?:abcdef){0,3}", "[abc]", R"(\d\w\s)",
                              ".*", R"(\x41\pL\p{Hangul}\077)", "[[:alpha:]\\]xyz]", "[^a]"}) {
    CAPTURE(pattern);
    CHECK(pattern_needs(pattern).literals == Literals{});
    CHECK(pattern_needs(pattern).literal_length == 0);
  }
}

TEST_CASE("specificity is the number of literal characters in the shortest match") {
  CHECK(pattern_needs("abc.*def").literal_length == 6);
  CHECK(pattern_needs("abc(?:def)?").literal_length == 3);
  CHECK(pattern_needs("abc|de").literal_length == 2);
  CHECK(pattern_needs("(?:ab){3}").literal_length == 6);
  CHECK(pattern_needs("수신 거부").literal_length == 5);
}

TEST_CASE("letters with more than one lower case form are still found") {
  // RE2 takes U+017F for s and U+212A for k when it ignores case.
  for (const char* text : {"di\xc5\xbf"
                           "k full",
                           "dis\xe2\x84\xaa full", "DI\xc5\xbf\xe2\x84\xaa FULL"}) {
    CAPTURE(text);
    REQUIRE(matches(text, "disk full"));
    CHECK(has_any(fold(text), pattern_needs("disk full").literals));
  }
  // Russian letters have their lower case, and the old forms (U+1C80 to U+1C86) that RE2 takes for
  // them.
  for (const char* text :
       {"ЯЩИК ПЕРЕПОЛНЕН", "Ящик переполнен", "ящик перепᲂлнен", "Ёлка"}) {
    CAPTURE(text);
    const std::string pattern = "ящик переполнен|ёлка";
    REQUIRE(matches(text, pattern));
    CHECK(pattern_needs(pattern).literals.size() == 2);
    CHECK(has_any(fold(text), pattern_needs(pattern).literals));
  }
  // What folds between kana and Hangul, in another row or block.
  for (const auto& [pattern, text] :
       std::vector<std::pair<std::string, std::string>>{{"Ꙁabc", "ꙁabc"},
                                                        {"ꚛabc", "Ꚛabc"},
                                                        {"Ꜣabc", "ꜣabc"},
                                                        {"Ꭓabc", "ꭓabc"},
                                                        {"ꭰabc", "Ꭰabc"},
                                                        {"ꮿabc", "Ꮿabc"}}) {
    CAPTURE(text);
    REQUIRE(matches(text, pattern));
    CHECK(has_any(fold(text), pattern_needs(pattern).literals));
    CHECK_FALSE(pattern_needs(pattern).enough);
  }
  for (const char* text : {"CAFÉ GROSS", "café groẞ", "Cafe groß"})
    CHECK(has_any(fold(text), pattern_needs("caf[eé]|groß").literals) ==
          matches(text, "caf[eé]|groß"));
  // Others (here Greek) demand nothing instead.
  REQUIRE(matches("ΩΜΕΓΑ CLOSED", "ωμεγα closed"));
  CHECK(has_any(fold("ΩΜΕΓΑ CLOSED"), pattern_needs("ωμεγα closed").literals));
}

TEST_CASE("each place of the pattern demands literals of its own") {
  const auto needs = pattern_needs(R"(user \S+ (?:is unknown|does not exist).*\bsorry)");
  CHECK(needs.literals == Literals{"does not exist", "is unknown"});
  CHECK(needs.ways == LiteralWays{{{"does not exist", "is unknown"}, {"user "}, {"sorry"}}});
  CHECK(pattern_needs("mailbox full").ways == LiteralWays{{{"mailbox full"}}});
  // Too short to tell anything.
  CHECK(pattern_needs("mailbox.*ab").ways == LiteralWays{{{"mailbox"}}});
  CHECK(pattern_needs("ab.*cd").ways.empty());
}

TEST_CASE("each alternative of the whole pattern is a way of its own") {
  CHECK(pattern_needs("over.*quota|mailbox.*full").ways ==
        LiteralWays{{{"quota"}, {"over"}}, {{"mailbox"}, {"full"}}});
  CHECK(pattern_needs("(?:over.*quota|mailbox)").ways ==
        LiteralWays{{{"quota"}, {"over"}}, {{"mailbox"}}});
  CHECK(pattern_needs("over.*quota|ab").ways.empty());
  // Inside a pattern they share one.
  CHECK(pattern_needs("the (?:over.*quota|mailbox.*full)").ways ==
        LiteralWays{{{"mailbox", "quota"}, {"the "}, {"full", "over"}}});
  std::string many = "first";
  for (int i = 0; i < 40; ++i) many += "|word number " + std::to_string(i);
  CHECK(pattern_needs(many).ways.size() == 1);
}

TEST_CASE("a group that is nested too deep gives up the whole pattern") {
  std::string pattern = "needed";
  for (int i = 0; i < 300; ++i) pattern = "(?:" + pattern + ")";
  const auto needs = pattern_needs("left " + pattern + "|right");
  CHECK(needs.literals.empty());
}

TEST_CASE("no text matches without a literal that the analysis demands") {
  // Small random patterns over a small alphabet, against every text up to a length: the analysis
  // may demand too little, never too much.
  std::mt19937 random(20261121);
  const auto pick = [&random](const std::vector<std::string>& items) {
    return items[random() % items.size()];
  };
  const std::vector<std::string> atoms = {
      "a",       "b",          "A",          ".",       "[ab]", "[^a]", R"(\b)", "(?:ab)",
      "(?:a|b)", "(?:ab|ba|)", "(?P<ip>ab)", R"(\w)",   "(?i)", "^",    "$",     R"(\Qab\E)",
      R"(\Q\E)", "(?i-s)",     "[a]",        R"(\x61)", "|",    "aba",  "bab",   "(?:aab|bba)"};
  const std::vector<std::string> repeats = {"",    "",      "",    "*",  "+",   "?",
                                            "{2}", "{0,2}", "{1}", "*?", "{1,}"};
  std::vector<std::string> texts = {""};
  for (std::size_t begin = 0, length = 0; length < 7; ++length) {
    const auto end = texts.size();
    for (; begin < end; ++begin) {
      texts.push_back(texts[begin] + "a");
      texts.push_back(texts[begin] + "b");
    }
  }
  int demanding = 0, demanding_ways = 0, matched = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string pattern;
    const auto count = 1 + random() % 5;
    for (std::size_t i = 0; i < count; ++i) pattern += pick(atoms) + pick(repeats);
    const RE2 compiled(pattern, rulebook::pattern_options());
    if (!compiled.ok()) continue;
    const auto needs = pattern_needs(pattern);
    if (needs.literals.empty() && needs.ways.empty()) continue;
    ++demanding;
    if (!needs.ways.empty()) ++demanding_ways;
    const auto packed_ways = rulebook::packed(needs.ways);
    for (const auto& text : texts) {
      if (!RE2::PartialMatch(text, compiled)) continue;
      ++matched;
      if (has_any(text, needs.literals) && is_in_one(text, needs.ways) &&
          rulebook::TextGrams(text).may_be_in(packed_ways))
        continue;
      CAPTURE(pattern);
      CAPTURE(text);
      FAIL("a match holds none of the literals");
    }
  }
  CHECK(demanding > 500);
  CHECK(demanding_ways > 25);
  CHECK(matched > 10000);
}

TEST_CASE("every shipped example holds a literal of the rule that it belongs to") {
  const auto rulebook = rulebook::Rulebook::load({});
  REQUIRE(rulebook);
  int checked = 0;
  for (const auto& rule : (*rulebook)->rules()) {
    if (rule.match.empty()) continue;
    const Literals literals(rule.literals.begin(), rule.literals.end());
    for (const auto example : rule.examples) {
      const std::string text(example);
      if (!matches(text, std::string(rule.match))) continue;  // the example is not normalised here
      ++checked;
      CAPTURE(rule.id);
      CHECK(has_any(fold(text), literals));
      CHECK(rulebook::TextGrams(fold(text)).may_be_in(rule.ways));
    }
  }
  CHECK(checked > 300);
}
