// The verdict rules as they are shipped, and what tests/mutation makes of them.
#include "unit/diagnose/shipped_verdicts.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include <doctest/doctest.h>

using namespace maildiag;

namespace {

using Faults = std::vector<std::string>;

std::shared_ptr<const rulebook::Rulebook> shipped() {
  auto book = rulebook::Rulebook::load({});
  REQUIRE_MESSAGE(book, book.error().message);
  return *book;
}

void check_none(const Faults& faults) {
  for (const auto& fault : faults) FAIL_CHECK(fault);
}

bool unnoticed(const rulebook::Rulebook& book) {
  return test::verdict_faults(book).empty() && test::unknown_rule_faults(book).empty() &&
         test::cause_check_faults(book).empty() && test::order_faults(book).empty();
}

}  // namespace

TEST_CASE("shipped verdicts: each finding alone says of each cause what the table says") {
  check_none(test::verdict_faults(*shipped()));
}

TEST_CASE("shipped verdicts: the table has each rule, and no other") {
  check_none(test::unknown_rule_faults(*shipped()));
}

TEST_CASE("shipped verdicts: each cause asks for the checks of the table, and for no other") {
  check_none(test::cause_check_faults(*shipped()));
}

TEST_CASE("shipped verdicts: the likeliest other cause comes first, one is a narrower name") {
  check_none(test::order_faults(*shipped()));
}

// For tests/mutation: a directory of many, each with rules that are laid on the shipped ones. Tells
// those in which the cases above see nothing.
TEST_CASE("mutated rules" * doctest::skip()) {
  const char* mutants = std::getenv("MAILDIAG_MUTATED_RULES");
  REQUIRE(mutants != nullptr);
  for (const auto& each : std::filesystem::directory_iterator(mutants)) {
    const auto book = rulebook::Rulebook::load({each.path().string()});
    // What does not load is noticed by everybody.
    if (book && unnoticed(**book))
      std::cout << "unnoticed " << each.path().filename().string() << "\n";
  }
}
