#include "core/tag_list.h"

#include <string>

#include <doctest/doctest.h>

#include "core/base64.h"
#include "support/base64.h"

namespace maildiag {
namespace {

TEST_CASE("tags keep their order, their inner white space and their place") {
  const std::string text = " v = DKIM1 ;\r\n\tp=a b\r\n c;n=";
  const auto list = parse_tag_list(text);
  REQUIRE(list.ok());
  REQUIRE(list.tags.size() == 3);
  CHECK(list.tags[0].name == "v");
  CHECK(list.get("v") == "DKIM1");
  CHECK(list.get("p") == "a b\r\n c");
  CHECK(without_spaces(list.get("p")) == "abc");
  REQUIRE(list.find("n") != nullptr);
  CHECK(list.get("n").empty());
  CHECK(list.find("N") == nullptr);
  CHECK(text.substr(list.tags[1].begin, list.tags[1].end - list.tags[1].begin) == "a b\r\n c");
}

TEST_CASE("one semicolon may end a list, white space after it is noted") {
  CHECK(parse_tag_list("a=1;").ok());
  CHECK_FALSE(parse_tag_list("a=1;").space_at_end);
  CHECK(parse_tag_list("a=1; ").ok());
  CHECK(parse_tag_list("a=1; ").space_at_end);
}

TEST_CASE("what is no tag list") {
  CHECK(parse_tag_list("").fault == TagFault::empty);
  CHECK(parse_tag_list(" \t").fault == TagFault::empty);
  CHECK(parse_tag_list(";").fault == TagFault::name);
  CHECK(parse_tag_list("a=1;;b=2").fault == TagFault::name);
  CHECK(parse_tag_list("a=1;;").fault == TagFault::name);
  CHECK(parse_tag_list("a").fault == TagFault::name);
  CHECK(parse_tag_list("=1").fault == TagFault::name);
  CHECK(parse_tag_list("1a=1").fault == TagFault::name);
  CHECK(parse_tag_list("a b=1").fault == TagFault::name);
  CHECK(parse_tag_list("a=1;a=2").fault == TagFault::duplicate);
  CHECK(parse_tag_list("a=1;A=2").ok());
  CHECK(parse_tag_list(std::string("a=\0", 3)).fault == TagFault::value);
  CHECK(parse_tag_list("a=\x1b[1m").fault == TagFault::value);
  CHECK(parse_tag_list("a=\xed\x95\x9c").ok());
  CHECK(parse_tag_list("v=1; \"p=x").at == "\"p=x");
  std::string many;
  for (std::size_t i = 0; i <= max_tags; ++i) many += "a" + std::to_string(i) + "=1;";
  CHECK(parse_tag_list(many).fault == TagFault::too_many);
  CHECK(parse_tag_list(many).tags.size() == max_tags);
}

TEST_CASE("base64 there and back, and what is none") {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    CHECK(from_base64(test::to_base64(text)) == text);
  CHECK(test::to_base64("foob") == "Zm9vYg==");
  for (const auto* text : {"Z", "Zm9", "Zm9v=", "Z===", "====", "Zm9*", "Zm 9v", "=m9v", "Zm=v"})
    CHECK_FALSE(from_base64(text).has_value());
}

}  // namespace
}  // namespace maildiag
