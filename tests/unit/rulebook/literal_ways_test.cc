#include "rulebook/loader/literal_ways.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace maildiag::rulebook;

namespace {

bool may_be_in(const std::string& folded, const LiteralWays& ways) {
  return TextGrams(folded).may_be_in(packed(ways));
}

}  // namespace

TEST_CASE("a text in none of the ways is told") {
  const LiteralWays ways = {{{"quota", "storage"}, {"over "}}, {{"mailbox"}, {"full", "꽉 찼"}}};
  CHECK(may_be_in("you are over your storage", ways));
  CHECK(may_be_in("the mailbox is full", ways));
  CHECK(may_be_in("mailbox 꽉 찼습니다", ways));
  CHECK_FALSE(may_be_in("the mailbox is over", ways));
  CHECK_FALSE(may_be_in("full of storage", ways));
  CHECK_FALSE(may_be_in("꽉", ways));
  CHECK_FALSE(may_be_in("", ways));
}

TEST_CASE("a literal is known by its first and its last three octets") {
  const LiteralWays ways = {{{"known"}, {"abcdef"}, {"xyz"}}};
  CHECK(may_be_in("xyz abcdef", ways));
  CHECK(may_be_in("xyz abc def", ways));  // the pattern itself is still to be tried
  CHECK_FALSE(may_be_in("xyz abc de", ways));
  CHECK_FALSE(may_be_in("xy zabcdef", ways));
}

TEST_CASE("what the literals of a sole way say is not packed") {
  CHECK(packed({}).empty());
  CHECK(packed({{{"mailbox full", "over quota"}}}).empty());
  CHECK(may_be_in("anything", {}));
  CHECK(packed({{{"mailbox"}, {"full"}}}) == packed({{{"anything"}, {"full"}}}));
  CHECK(packed({{{"mailbox"}, {"full"}}}).size() == 3);
  CHECK(packed({{{"mailbox"}}, {{"over"}}}).size() == 6);
}
