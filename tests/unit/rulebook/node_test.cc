#include "rulebook/loader/node.h"

#include <string>

#include <doctest/doctest.h>

using namespace maildiag;
using rulebook::Node;
using rulebook::parse_toml;

TEST_CASE("values keep their kinds and lines") {
  const auto root =
      parse_toml("# note\n[[rule]]\nid = \"x\"\ncodes = [\n  1,\n  2.5,\n]\non = true\n", "f.toml");
  REQUIRE(root);
  REQUIRE(root->members.size() == 1);
  const Node& list = root->members[0].value;
  REQUIRE(list.kind == Node::Kind::list);
  REQUIRE(list.items.size() == 1);
  const Node& rule = list.items[0];
  CHECK(rule.line == 2);
  REQUIRE(rule.members.size() == 3);
  CHECK(rule.members[0].key == "codes");
  CHECK(rule.members[0].value.items.at(0).integer == 1);
  CHECK(rule.members[0].value.items.at(1).number == 2.5);
  CHECK(rule.members[0].value.items.at(1).line == 6);
  CHECK(rule.members[1].value.text == "x");
  CHECK(rule.members[1].value.line == 3);
  CHECK(rule.members[2].value.boolean);
}

TEST_CASE("faults name file and line") {
  const auto fault = [](const std::string& document) {
    const auto result = parse_toml(document, "f.toml");
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::configuration);
    CHECK(result.error().message.find('\n') == std::string::npos);
    return result.error().message;
  };
  CHECK(fault("a = 1\nb = \n").starts_with("f.toml:2: not TOML: "));
  CHECK(fault("a = 1\na = 2\n").starts_with("f.toml:2: not TOML: "));
  CHECK(fault("a = \"cut").starts_with("f.toml:1: not TOML: "));
  CHECK(fault("a = \"\xff\"").starts_with("f.toml:1: not TOML: "));
  CHECK(fault(std::string("a = 1\0", 6)).starts_with("f.toml:1: not TOML: "));
  CHECK(fault("a = 1\n# " + std::string(20'000, 'x'))
            .starts_with("f.toml:2: line longer than 16 KiB"));
  CHECK(fault(std::string(5UL << 20, '\n')).starts_with("f.toml:1: larger than 4 MiB"));
  CHECK(fault("a = [[[[[[[[[[1]]]]]]]]]]").starts_with("f.toml:1: nested deeper"));
  std::string keys = "a";
  for (int i = 0; i < 4000; ++i) keys += ".a";
  CHECK(fault("x = 1\n" + keys + " = 1\n").starts_with("f.toml:2: nested deeper"));
}

TEST_CASE("an empty document is an empty table") {
  const auto root = parse_toml("", "f.toml");
  REQUIRE(root);
  CHECK(root->members.empty());
}
