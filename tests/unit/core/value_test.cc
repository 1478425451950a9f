#include <doctest/doctest.h>

#include <maildiag/finding.h>
#include <maildiag/value.h>

using maildiag::Severity;
using maildiag::Value;

TEST_CASE("objects keep the order of their members") {
  Value value;
  value.set("b", 1).set("a", "x").set("b", 2);
  REQUIRE(value.as_object().size() == 2);
  CHECK(value.as_object()[0].key == "b");
  CHECK(value["b"].as_integer() == 2);
  CHECK(value["missing"].is_null());
  CHECK(value["a"].to_text() == "x");
  CHECK(Value::strings({"p", "q"}).to_text() == "p, q");
}

TEST_CASE("unknown is never better than a warning, critical is the worst") {
  using maildiag::worse;
  CHECK(worse(Severity::unknown, Severity::ok) == Severity::unknown);
  CHECK(worse(Severity::unknown, Severity::warning) == Severity::unknown);
  CHECK(worse(Severity::unknown, Severity::critical) == Severity::critical);
  CHECK(exit_status(Severity::unknown) == 3);
  CHECK(exit_status(Severity::info) == 0);
}
