#include "rulebook/pattern_program.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <re2/re2.h>

#include "rulebook/loader/literal_ways.h"
#include "rulebook/loader/pattern.h"
#include "rulebook/loader/re2_options.h"
#include "rulebook/loader/tables.h"

using namespace maildiag::rulebook;

namespace {

std::optional<PatternProgram> compiled(std::string_view pattern) {
  return PatternProgram::compile(tree_of(pattern));
}

/// "yes", "no" or "ask": RE2 must be asked.
std::string answer(std::string_view pattern, std::string_view text) {
  const auto program = compiled(pattern);
  if (!program) return "not understood";
  const auto found = program->matches(FoldedText(text));
  return !found ? "ask" : *found ? "yes" : "no";
}

bool re2_matches(const RE2& pattern, std::string_view text) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

bool has_any(const std::string& text, const std::vector<std::string>& literals) {
  return literals.empty() || std::any_of(literals.begin(), literals.end(), [&](const auto& each) {
           return text.find(each) != std::string::npos;
         });
}

std::string pick(const std::vector<std::string>& items, std::mt19937& random) {
  return items[random() % items.size()];
}

}  // namespace

TEST_CASE("what patterns of rules are made of") {
  CHECK(answer(R"(\bDAS41\b)", "(das41)") == "yes");
  CHECK(answer(R"(\bDAS41\b)", "das410 xdas41") == "no");
  CHECK(answer(R"(\bSPF\b.{0,10}fail)", "spf: a spf fails") == "yes");
  CHECK(answer(R"(\bSPF\b.{0,3}fail)", "spf hardly fails") == "no");
  CHECK(answer("^over [0-9]+ (?:MB|GB)$", "OVER 15 GB") == "yes");
  CHECK(answer("^over [0-9]+ (?:MB|GB)$", "OVER 15 GB.") == "no");
  CHECK(answer("^over", "moreover") == "no");
  CHECK(answer("(?:a[0-9]|a[0-9]{3}|b)$", "xa123") == "yes");
  CHECK(answer(R"(user <?(?P<address>\S+)>? is (?:not )*known)", "User <a@b> is not not known") ==
        "yes");
  CHECK(answer(R"([^a-c\d]x)", "ax bx 1x") == "no");
  CHECK(answer(R"([^a-c\d]x)", "ax dx") == "yes");
  CHECK(answer(R"(a\Bb)", "ab") == "yes");
  CHECK(answer(R"((?:ab|abc|abcd){2}e)", "xabcdabce") == "yes");
  // Without ":]" behind it "[:" is a member like others.
  CHECK(answer("ab[[:] x|cd", "cd") == "yes");
  CHECK(answer("ab[[:x] y|cd", "ab[ y") == "yes");
  CHECK(answer("ab[[:x] y|cd", "ab y") == "no");
}

TEST_CASE("other characters than ASCII count as one each") {
  CHECK(answer("메일.{2}거부", "메일이 거부") == "yes");
  CHECK(answer("메일.{1}거부", "메일이 거부") == "no");
  CHECK(answer(R"(a[^ ]b)", "a가b") == "yes");
  CHECK(answer("ящик.*полон", "ЯЩИК полон") == "yes");
  CHECK(answer(R"(\bIP\b)", "가IP가") == "yes");
  // What is in this class is not known beyond ASCII.
  CHECK(answer("a[ωη]b", "aωb") == "ask");
  CHECK(answer("a[ωη]b|ac", "ac") == "yes");
  CHECK(answer("ω", "Ω") == "ask");
  CHECK(answer("a[ωа]b", "aаb") == "ask");
  CHECK(answer("a[éè]b", "AÉB") == "yes");
  CHECK(answer("a[^éè]b", "AÉB") == "no");
  CHECK(answer("a[à-ê]b", "aÇb") == "yes");
  CHECK(answer("a[à-ê]b", "aëb") == "no");
  CHECK(answer("größe.*ŁÓDŹ", "GRÖßE łódź") == "yes");
  CHECK(answer("größe", "GRÖẞE") == "ask");
  CHECK(answer("z[ωſ]", "zs") == "yes");
  CHECK(answer("메일[이은]?거부", "메일은거부") == "yes");
  CHECK(answer("메일[이은]거부", "메일을거부") == "no");
  CHECK(answer("메일[가-힣]{2}거부", "메일에서거부") == "yes");
  CHECK(answer("메일[^이은 ]{1,2}거부", "메일이거부 메일é은거부") == "no");
  CHECK(answer("메일[^이은 ]{1,2}거부", "메일éx거부") == "yes");
  CHECK(answer("a[А-Гя]x", "aВx") == "yes");
  CHECK(answer("a[А-Гя]x", "aДx") == "no");
  CHECK(answer("a[^ёа-я]x", "aЁx aЯx") == "no");
  CHECK(answer("a[^ё]x", "aеx") == "yes");
  CHECK(answer(R"(a[가\D]x)", "aеx") == "yes");
  CHECK(answer("[이가]b|[나b]", "가나") == "yes");
  // Between kana and Hangul there are letters with case, too.
  for (const std::string pattern : {"z(?:Ꙁ|q)+x", "z(?:Ꜣ|q)+x", "z(?:Ꭓ|q)+x", "z(?:ꭰ|q)+x"}) {
    CAPTURE(pattern);
    CHECK(answer(pattern, "zꙁx") == "ask");
    CHECK(answer(pattern, "zqx") == "yes");
  }
  // Two letters that become ASCII when case is ignored, and octets that are no text.
  CHECK(answer("mask",
               "ma\xc5\xbf"
               "k") == "ask");
  CHECK(answer("a.b",
               "a\xff"
               "b") == "ask");
}

TEST_CASE("what is not understood is left to RE2") {
  for (const char* pattern : {R"(\x41)", R"(\pL)", "(?i)a", "(?-i:a)", "[[:alpha:]]", "^", "a*",
                              "(?:a*)+", R"(\077)", "(?:(?:a{9}b{9}){150}c){9}"})
    CHECK_MESSAGE(!compiled(pattern), pattern);
}

TEST_CASE("a text that would be gone through again and again is left to RE2") {
  const std::string text(20'000, 'a');
  CHECK(answer("x(?:a|b|ab)*c", "x" + text) == "ask");
  CHECK(answer("a.*a.*a.*b", text) == "ask");
  CHECK(answer("x(?:aa|a)*$", "x" + std::string(200, 'a') + "b") ==
        "ask");  // too many places to go back to
  CHECK(answer("a.*b", text + "b") == "yes");
}

TEST_CASE("programs answer as RE2 does") {
  std::mt19937 random(20261122);
  const std::vector<std::string> atoms = {
      "a",          "b",           "A",      ".",         "[ab]",
      "[^a]",       R"(\b)",       "(?:ab)", "(?:a|b)",   " ",
      "(?:ab|ba|)", "(?P<ip>ab)",  R"(\w)",  R"(\W)",     "^",
      "$",          R"(\Qab\E)",   R"(\s)",  R"([\w ])",  "|",
      "aba",        "(?:aab|bba)", R"(\B)",  "(?:b a|a)", "(?:a(?:b|a b)| )",
      "[a-z]",      "가",          "[가b]",  "[^가]",     "[가-나]",
      "[^나a]",     "[я가a]",      "[А-Я]",  "[^ёя]",     R"([가\D])",
      "é",          "[aÉ]",        "[^é]",   "[ë-ſ]"};
  const std::vector<std::string> repeats = {"",  "",    "",      "",      "*",  "+",
                                            "?", "{2}", "{0,2}", "{1,3}", "*?", "{2,}"};
  const std::vector<std::string> letters = {"a", "b", "B", " ", "가", "나", "Я", "ё", "É", "é"};
  std::vector<std::string> texts = {""};
  for (std::size_t begin = 0, length = 0; length < 5; ++length) {
    const auto end = texts.size();
    for (; begin < end; ++begin) {
      for (const auto& letter : letters) texts.push_back(texts[begin] + letter);
    }
  }
  int understood = 0, matched = 0, missed = 0;
  for (int round = 0; round < 1200; ++round) {
    std::string pattern;
    const auto count = 1 + random() % 5;
    for (std::size_t i = 0; i < count; ++i) pattern += pick(atoms, random) + pick(repeats, random);
    const RE2 re2(pattern, pattern_options());
    const auto program = re2.ok() ? compiled(pattern) : std::nullopt;
    if (!program) continue;
    ++understood;
    for (std::size_t i = 0; i < 300; ++i) {
      const auto& text = texts[random() % texts.size()];
      const auto found = program->matches(FoldedText(text));
      if (!found) continue;
      (*found ? matched : missed) += 1;
      if (*found == re2_matches(re2, text)) continue;
      CAPTURE(pattern);
      CAPTURE(text);
      FAIL("RE2 says something else");
    }
  }
  CHECK(understood > 500);
  CHECK(matched > 10'000);
  CHECK(missed > 10'000);
}

TEST_CASE("programs and literals answer as RE2 does of characters of all kinds") {
  std::mt19937 random(20261124);
  const std::vector<std::string> atoms = {
      ".",          "[^x]",     "[^x\n]",   R"(\s)", R"(\S)",   R"(\d)",    R"(\D)",
      R"(\w)",      R"(\W)",    R"(\b)",    R"(\B)", "^",       "$",        R"([^\s])",
      R"([\d_])",   R"([\W_])", "[0-9a-f]", "[ -~]", "[^ -~]",  "[j-l]",    "[^k]",
      "[r-ſ]",      "[^é-ſ]",   "[℀-ⅿ]",    "[а-я]", "[가-힣]", "x",        "s",
      "S",          "K",        "_",        "7",     " ",       "\n",       "д",
      "Ё",          "в",        "é",        "Ꙁ",     "ꙁ",       "가",       "ſ",
      "sk",         "kx 7",     "да",       "x가",   "(?:s|ſ)", "(?:Ꙁ|x)",  "(?:д|k_)",
      "(?:7 |x\n)", R"(\.)",    R"(\Q.\E)", "|",     "(?:x|)",  "(?:é|s )", "(?:\\ds|k)"};
  const std::vector<std::string> repeats = {"",  "",   "",    "",      "",      "*",     "+",
                                            "?", "*?", "{2}", "{0,2}", "{1,3}", "{2,}?", "{3}"};
  const std::vector<std::string> letters = {"x", "s", "S", "k", "K", "d",  "_",  "7",  "0", " ",
                                            ".", "d", "x", "7", "s", "\n", "\t", "\r", "~", "x"};
  const std::vector<std::string> others = {"д", "Д", "а",    "я",        "Ё",    "В",  "ᲀ",
                                           "Ѐ", "é", "É",    "Ꙁ",        "ꙁ",    "가", "힣",
                                           "ſ", "K", "\xd0", "\xe1\xb2", "\xff", "😀"};
  std::vector<std::string> texts;
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    // Half of them ASCII; what only RE2 knows is rare.
    for (auto count = random() % 9; count > 0; --count)
      text += i % 2 == 0 && random() % 3 == 0 ? pick(others, random) : pick(letters, random);
    texts.push_back(std::move(text));
  }
  int understood = 0, matched = 0, missed = 0, beyond_ascii = 0, with_literals = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string pattern;
    for (auto count = 1 + random() % 4; count > 0; --count)
      pattern += pick(atoms, random) + pick(repeats, random);
    const RE2 re2(pattern, pattern_options());
    if (!re2.ok()) continue;
    const auto needs = pattern_needs(pattern);
    const auto program = compiled(pattern);
    if (program) ++understood;
    CAPTURE(pattern);
    for (int i = 0; i < 100; ++i) {
      const auto& text = texts[random() % texts.size()];
      const FoldedText folded(text);
      const bool truth = re2_matches(re2, text);
      CAPTURE(text);
      const bool has_literals = has_any(folded.folded, needs.literals);
      if (truth) REQUIRE(has_literals);
      if (truth) REQUIRE(TextGrams(folded.folded).may_be_in(packed(needs.ways)));
      if (needs.enough && has_literals) REQUIRE(truth);
      if (!needs.literals.empty() && has_literals) ++with_literals;
      const auto found = program ? program->matches(folded) : std::nullopt;
      if (!found) continue;
      REQUIRE(*found == truth);
      (*found ? matched : missed) += 1;
      if (folded.kind == FoldedText::Kind::utf8) ++beyond_ascii;
    }
  }
  CHECK(understood > 500);
  CHECK(matched > 10'000);
  CHECK(missed > 10'000);
  CHECK(beyond_ascii > 5'000);
  CHECK(with_literals > 1'000);
}

TEST_CASE("of the shipped patterns nearly all are understood, and answer as RE2 does") {
  std::mt19937 random(20261123);
  const auto rules = compiled_tables().rules;
  std::vector<std::string> texts;
  for (const auto& rule : rules) {
    if (!rule.examples.empty()) texts.emplace_back(rule.examples.front());
  }
  std::size_t patterns = 0, understood = 0, asked = 0, answered = 0;
  for (const auto& rule : rules) {
    if (rule.match.empty()) continue;
    ++patterns;
    const auto program = compiled(rule.match);
    if (!program) continue;
    ++understood;
    const RE2 re2(std::string(rule.match), pattern_options());
    // Of its own words all, with some cut off; of others some.
    for (int i = 0; i < 12; ++i) {
      std::string text = i < 8 && !rule.examples.empty()
                             ? std::string(rule.examples[random() % rule.examples.size()])
                             : texts[random() % texts.size()];
      if (i % 2 == 1 && !text.empty()) text.erase(random() % text.size(), 1 + random() % 4);
      const auto found = program->matches(FoldedText(text));
      ++(found ? answered : asked);
      CHECK_MESSAGE(found.value_or(re2_matches(re2, text)) == re2_matches(re2, text), rule.id);
    }
  }
  CHECK(understood > patterns * 95 / 100);
  CHECK(answered > 20 * asked);
}
