// The shipped rules against the parser that feeds them: what `maildiag rules test` proves, kept
// proven.
#include <string>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "rulebook/rulebook.h"

using namespace maildiag;

TEST_CASE("each shipped example is won by its own rule") {
  const auto rulebook = rulebook::Rulebook::load({});
  REQUIRE(rulebook);
  std::size_t examples = 0;
  const auto faults = rulebook::test_examples(**rulebook, [&examples](std::string_view example) {
    ++examples;
    auto parsed = bounce::parse_reply(example);
    return rulebook::ExampleReply{parsed.reply.code, std::move(parsed.reply.status),
                                  std::move(parsed.reply.text)};
  });
  for (const auto& fault : faults) {
    FAIL_CHECK(std::string(fault.rule->origin)
               << ": rule `" << std::string(fault.rule->id) << "`: `" << fault.example
               << "` is won by `" << fault.winner << "`");
  }
  CHECK(examples > 500);
}
