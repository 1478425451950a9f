#include "rulebook/stub.h"

#include <string>

#include <doctest/doctest.h>

#include "rulebook/rulebook.h"
#include "support/temporary_directory.h"

using namespace maildiag;
using namespace maildiag::rulebook;

namespace {

constexpr Text meaning{"What it \"means\"", "뜻"};

/// The id of the rule that wins `reply` when the stub of `origin` is added; empty: none of ours.
std::string winner(const ReplyView& origin, const ReplyView& reply) {
  const test::TemporaryDirectory directory;
  const auto stub = rule_stub(origin.code, origin.status, origin.text, meaning);
  directory.write("own.toml", stub);
  const auto rulebook = Rulebook::load({directory.path()});
  REQUIRE_MESSAGE(rulebook, (rulebook ? stub : stub + rulebook.error().message));
  const auto match = (*rulebook)->match(reply);
  return match.rule != nullptr && match.rule->layer != 0 ? std::string(match.rule->id) : "";
}

}  // namespace

TEST_CASE("a stub loads and knows its reply, also with other addresses and numbers") {
  const ReplyView origin{550, "", "Zork (v2.1) wobbles <a@b.example> at 192.0.2.1: gnu? [x*]", "",
                         ""};
  const ReplyView other{550, "", "Zork (v2.1) wobbles <c@d.example> at 198.51.100.7: gnu? [x*]", "",
                        ""};
  const auto id = winner(origin, origin);
  CHECK(id.starts_with("local.reply-550-"));
  CHECK(winner(origin, other) == id);
  CHECK(winner(origin, {550, "", "Zork gnus", "", ""}) == "");
}

TEST_CASE("odd replies make stubs that load") {
  const std::string long_text(5000, 'q');
  const std::string korean = "수신자가 '이상한' 이유로 gnu를 거부 \"인용\" \\ 끝";
  for (const std::string& text : std::initializer_list<std::string>{
           "it's 'quoted' \"twice\" \\ back", long_text + " end", korean, "1234 5678", "'",
           "a\x01z\x7f", std::string(399, 'x') + "한글"}) {
    const ReplyView reply{554, "5.9.9", text, "", ""};
    CHECK_MESSAGE(winner(reply, reply) != "", text);
  }
}

TEST_CASE("a reply without words and codes makes no stub") {
  CHECK(rule_stub(0, "", "", meaning).empty());
  CHECK(rule_stub(0, "", "  ", meaning).empty());
}
