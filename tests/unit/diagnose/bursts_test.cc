#include "diagnose/bursts.h"

#include <string>

#include <doctest/doctest.h>

using namespace maildiag;
using namespace maildiag::diagnose;

namespace {

const WallTime start = *from_rfc3339("2026-11-20T09:30:00Z");

/// `count` failures of one sender, one a `step`, each at another recipient in one of `domains`.
void fail_many(Bursts& bursts, const std::string& sender, int count, int domains, Passage passage,
               std::chrono::minutes step = std::chrono::minutes(1),
               std::optional<WallTime> first = start) {
  for (int i = 0; i < count; ++i) {
    const auto recipient =
        "user" + std::to_string(i) + "@d" + std::to_string(i % domains) + ".example";
    bursts.add(sender, recipient, first ? std::optional(*first + i * step) : std::nullopt, passage);
  }
}

}  // namespace

TEST_CASE("many strangers in a day are a burst, and it says since when") {
  Bursts bursts;
  fail_many(bursts, "kim@own.example", 30, 15, Passage::own);
  fail_many(bursts, "lee@own.example", 25, 25, Passage::foreign, std::chrono::minutes(20));
  const auto found = bursts.find();
  REQUIRE(found.size() == 2);
  CHECK(found[0].sender == "kim@own.example");
  CHECK(found[0].passage == Passage::own);
  CHECK(found[0].since == start);
  CHECK(found[0].until == start + std::chrono::minutes(29));
  CHECK(found[0].failures == 30);
  CHECK(found[0].recipients == 30);
  CHECK(found[0].domains == 15);
  CHECK(found[1].sender == "lee@own.example");
  CHECK(found[1].passage == Passage::foreign);
}

TEST_CASE("few recipients, few domains or many days are none") {
  Bursts bursts;
  fail_many(bursts, "few@own.example", static_cast<int>(burst_recipients) - 1, 19, Passage::own);
  fail_many(bursts, "one-customer@own.example", 500, static_cast<int>(burst_domains) - 1,
            Passage::own);
  // 60 failures, but one every three hours: 8 or 9 in any day.
  fail_many(bursts, "slow@own.example", 60, 60, Passage::own, std::chrono::hours(3));
  // The same recipient again and again.
  for (int i = 0; i < 100; ++i) bursts.add("loop@own.example", "a@b.example", start, Passage::own);
  CHECK(bursts.find().empty());
}

TEST_CASE("a sender's long past does not hide when the burst began") {
  Bursts bursts;
  fail_many(bursts, "kim@own.example", 10, 10, Passage::own, std::chrono::hours(72),
            start - std::chrono::hours(24 * 60));
  fail_many(bursts, "kim@own.example", 40, 20, Passage::own);
  const auto found = bursts.find();
  REQUIRE(found.size() == 1);
  CHECK(*found[0].since >= start - std::chrono::hours(burst_hours));
  CHECK(found[0].until == start + std::chrono::minutes(39));
}

TEST_CASE("failures without a time stand together") {
  Bursts bursts;
  fail_many(bursts, "kim@own.example", 30, 30, Passage::unknown, {}, std::nullopt);
  const auto found = bursts.find();
  REQUIRE(found.size() == 1);
  CHECK(!found[0].since);
  CHECK(found[0].failures == 30);
}

TEST_CASE("own and foreign passages of one sender are told apart") {
  Bursts bursts;
  fail_many(bursts, "kim@own.example", 30, 15, Passage::own);
  fail_many(bursts, "kim@own.example", 5, 5, Passage::foreign);
  REQUIRE(bursts.find().size() == 1);
  CHECK(bursts.find()[0].passage == Passage::own);
  fail_many(bursts, "kim@own.example", 30, 15, Passage::foreign);
  CHECK(bursts.find().size() == 2);
}

TEST_CASE("bursts show over the border of parts, whichever comes first") {
  Bursts whole, front, back;
  for (auto* bursts : {&whole, &front}) fail_many(*bursts, "kim@own.example", 15, 15, Passage::own);
  for (auto* bursts : {&whole, &back})
    fail_many(*bursts, "kim@own.example", 15, 15, Passage::own, std::chrono::minutes(1),
              start + std::chrono::hours(2));
  // Their recipients are the same 15; others make it a burst.
  for (auto* bursts : {&whole, &back})
    for (int i = 0; i < 10; ++i)
      bursts->add("kim@own.example", "x" + std::to_string(i) + "@e.example", start, Passage::own);
  CHECK(front.find().empty());
  Bursts ab = front, ba = back;
  ab.merge(back);
  ba.merge(front);
  for (const auto* merged : {&ab, &ba, &whole}) {
    const auto found = merged->find();
    REQUIRE(found.size() == 1);
    CHECK(found[0].failures == 40);
    CHECK(found[0].recipients == 25);
    CHECK(found[0].since == start);
  }
}

TEST_CASE("a flood of senders does not push out the one that floods") {
  Bursts bursts;
  fail_many(bursts, "kim@own.example", 100, 50, Passage::own);
  for (std::size_t i = 0; i < 3 * max_watched_senders; ++i)
    bursts.add("s" + std::to_string(i) + "@x.example", "a@b.example", start, Passage::own);
  CHECK(bursts.activities().size() <= max_watched_senders);
  REQUIRE(bursts.find().size() == 1);
  CHECK(bursts.find()[0].sender == "kim@own.example");
}

TEST_CASE("distinct things are counted exactly while they are few, and nearly when many") {
  Distinct distinct, again;
  for (int i = 0; i < 50; ++i) distinct.add("User" + std::to_string(i));
  for (int i = 49; i >= 0; --i) again.add("uSER" + std::to_string(i));
  CHECK(distinct.count() == 50);
  CHECK(distinct.hashes() == again.hashes());
  for (int i = 0; i < 100'000; ++i) distinct.add("user" + std::to_string(i));
  CHECK(distinct.count() > 60'000);
  CHECK(distinct.count() < 160'000);
  CHECK(distinct.hashes().size() == Distinct::capacity);
}
