#include <doctest/doctest.h>

#include <maildiag/closest.h>

namespace maildiag {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("the nearest word first, equals in their order") {
  const Words known = {"mxcheck", "spfcheck", "ptrcheck", "mtrcheck"};
  CHECK(closest("ptrchek", known, 2, 3) == Words{"ptrcheck", "mtrcheck"});
  CHECK(closest("trcheck", known, 1, 3) == Words{"ptrcheck", "mtrcheck"});
  CHECK(closest("trcheck", known) == Words{"ptrcheck"});
  CHECK(closest("mxcheck", known) == Words{"mxcheck"});
}

TEST_CASE("nothing is near") {
  CHECK(closest("explain", {"mxcheck"}).empty());
  CHECK(closest("ab", {}).empty());
  CHECK(closest("", {"abc"}).empty());
  CHECK(closest("", {"ab"}) == Words{"ab"});
  CHECK(closest("ab", {"ab"}, 2, 0).empty());
}

TEST_CASE("a word of any length takes no time") {
  CHECK(closest(std::string(1U << 20, 'a'), {std::string(1U << 20, 'a')}).empty());
}

}  // namespace
}  // namespace maildiag
