#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "rulebook/loader/tables.h"

using namespace maildiag;
using namespace maildiag::rulebook;

namespace {

constexpr Provider provider(std::string_view id, std::string_view kind) {
  Provider result;
  result.id = id;
  result.kind = kind;
  return result;
}

constexpr Provider providers[] = {provider("list", "dnsbl"), provider("mta", "mta"),
                                  provider("portal", "provider")};
constexpr std::string_view exact[] = {"5.1.1"};
constexpr std::string_view half[] = {"*.1.1"};
constexpr std::string_view wide[] = {"5.1.1", "5.*.*"};
constexpr int codes[] = {550};

Rule phrase(std::string_view id, std::string_view from, int literal_length) {
  Rule rule;
  rule.id = id;
  rule.provider = from;
  rule.match = "x";
  rule.literal_length = literal_length;
  return rule;
}

Rule with_status(std::string_view id, Strings status) {
  Rule rule;
  rule.id = id;
  rule.status = status;
  return rule;
}

std::vector<std::string> order(const std::vector<Rule>& rules) {
  std::vector<std::string> result;
  for (const auto index : winning_order(rules, providers)) result.emplace_back(rules[index].id);
  return result;
}

}  // namespace

TEST_CASE("levels come before everything else") {
  Rule subcode = phrase("subcode", "portal", 4);
  subcode.subcode = true;
  Rule reply_code;
  reply_code.id = "reply-code";
  reply_code.reply = codes;
  CHECK(order({reply_code, with_status("status", exact), phrase("plain", "", 90),
               phrase("mta", "mta", 80), phrase("portal", "portal", 50), phrase("list", "list", 40),
               subcode}) == std::vector<std::string>{"subcode", "portal", "list", "mta", "plain",
                                                     "status", "reply-code"});
}

TEST_CASE("then guards, literal characters, narrower status, the later layer, the id") {
  Rule guarded = phrase("guarded", "", 4);
  guarded.reply = codes;
  Rule own = phrase("z-own", "", 9);
  own.layer = 1;
  CHECK(order({phrase("a", "", 9), phrase("b", "", 9), phrase("long", "", 10), guarded, own}) ==
        std::vector<std::string>{"guarded", "long", "z-own", "a", "b"});
  CHECK(order({with_status("wide", wide), with_status("half", half),
               with_status("exact", exact)}) == std::vector<std::string>{"exact", "half", "wide"});
}
