#include "core/clauses.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace maildiag;

TEST_CASE("text is cut where a negation ends, and into words in lower case") {
  using Clauses = std::vector<text::Words>;
  CHECK(text::clauses_of("") == Clauses{{}});
  CHECK(text::clauses_of("Don't try, 5.7.1 (Mx.example) \"NO\".") ==
        Clauses{{"don't", "try"}, {"5.7.1"}, {"mx.example"}, {"no"}, {}});
  CHECK(text::clauses_of("반송 사유: 없음。다시") == Clauses{{"반송", "사유"}, {"없음"}, {"다시"}});
}

TEST_CASE("Korean is looked for without its blanks, and words still begin somewhere") {
  const auto korean = text::compact({"다시", "시도"});
  CHECK(korean.text == "다시시도");
  CHECK(korean.starts_word(6));
  CHECK_FALSE(korean.starts_word(3));
}

TEST_CASE("what denies") {
  for (const auto* word : {"not", "don't", "won’t", "never", "without"})
    CHECK(text::is_negator(word));
  CHECK_FALSE(text::is_negator("notice"));
}
