#include "watch/advance.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "unit/watch/world.h"

using namespace maildiag;
using namespace maildiag::watch;
using namespace maildiag::watch::test;

TEST_CASE("the first run is the baseline; then silence until something changes") {
  World world;
  CHECK(world.run({seen(clean)}) == Told{"watch:baseline"});
  for (int i = 0; i < 50; ++i) CHECK(world.run({seen(clean)}).empty());
  CHECK(world.run({seen(listed)}) == Told{"dnsbl:worse"});
  CHECK(world.last().since == world.now() - hour);
  for (int i = 0; i < 50; ++i) CHECK(world.run({seen(listed)}).empty());
  CHECK(world.run({seen(clean)}) == Told{"dnsbl:better"});
  CHECK(world.last().from == listed);
}

TEST_CASE("what is bad at the first look is told as found, also when it is watched later") {
  World world;
  CHECK(world.run({seen(listed)}) == Told{"watch:baseline", "dnsbl:found"});
  CHECK(world.run({seen(listed), seen(listed, "b.example"), seen(clean, "c.example")}) ==
        Told{"dnsbl:found"});
}

TEST_CASE("unknown never changes what is stored, for however long") {
  World world;
  world.run({seen(listed), seen(clean, "b.example"), seen(clean, "c.example")});
  for (int i = 0; i < 100; ++i)
    CHECK(world
              .run({unknown(), seen(clean, "b.example"), seen(clean, "c.example"),
                    seen(clean, "d.example")})
              .empty());
  CHECK(world.remembered().items.at(seen(listed).key).standing == listed);
  CHECK(world.remembered().items.at(seen(listed).key).unknown_since == start + hour);
  CHECK(world.run({seen(clean)}) == Told{"dnsbl:better"});
}

TEST_CASE("unknown at first sight is not clean: a listing found later was not new") {
  World world;
  world.run(
      {unknown(), seen(clean, "b.example"), seen(clean, "c.example"), seen(clean, "d.example")});
  CHECK(world.run({seen(listed)}) == Told{"dnsbl:found"});
}

TEST_CASE("confirm: a change must be seen so often before it is believed") {
  Policy policy;
  policy.confirm = 3;
  World world(policy);
  world.run({seen(clean)});
  CHECK(world.run({seen(listed)}).empty());
  CHECK(world.run({seen(listed)}).empty());
  CHECK(world.run({seen(clean)}).empty());  // it flapped: counted anew
  CHECK(world.run({seen(listed)}).empty());
  const auto first_seen = world.now() - hour;
  CHECK(world
            .run({unknown(), seen(clean, "b.example"), seen(clean, "c.example"),
                  seen(clean, "d.example")})
            .empty());  // neither confirms nor takes back
  CHECK(world.run({seen(listed)}).empty());
  CHECK(world.run({seen(listed)}) == Told{"dnsbl:worse"});
  CHECK(world.last().since == first_seen);
  const Standing other{true, Severity::critical, "127.0.0.3"};
  CHECK(world.run({seen(other)}).empty());
  CHECK(world.run({seen(listed)}).empty());
  CHECK(!world.remembered().items.at(seen(listed).key).candidate);
}

TEST_CASE("another code or severity is a change, too") {
  World world;
  world.run({seen(listed)});
  CHECK(world.run({seen({true, Severity::critical, "127.0.0.3"})}) == Told{"dnsbl:altered"});
  CHECK(world.run({seen({true, Severity::warning, "127.0.0.10"})}) == Told{"dnsbl:better"});
  CHECK(world.run({seen({true, Severity::critical, "127.0.0.3"})}) == Told{"dnsbl:worse"});
}

TEST_CASE("renotify: what stays bad is told again, what is good is not") {
  Policy policy;
  policy.renotify = 7 * day;
  World world(policy);
  world.run({seen(listed), seen(clean, "b.example")});
  int told = 0;
  for (Seconds time = 0; time < 30 * day; time += hour)
    told += static_cast<int>(world.run({seen(listed), seen(clean, "b.example")}).size());
  CHECK(told == 4);
  CHECK(world.last().change == Change::still);
  CHECK(world.last().since == start);
}

TEST_CASE("heartbeat: a sign of life after silence only") {
  Policy policy;
  policy.heartbeat = 7 * day;
  World world(policy);
  world.run({seen(clean)});
  int told = 0;
  for (Seconds time = 0; time < 15 * day; time += hour)
    told += static_cast<int>(world.run({seen(clean)}).size());
  CHECK(told == 2);
  CHECK(world.last().change == Change::heartbeat);
  CHECK(world.run({seen(listed)}) == Told{"dnsbl:worse"});
  world.pass(7 * day - 2 * hour);
  CHECK(world.run({seen(listed)}).empty());
}

TEST_CASE("a list that breaks is told once, and when it is back") {
  World world;
  const std::vector<Observation> others{seen(clean), seen(clean, "c.example"),
                                        seen(clean, "d.example")};
  const auto with = [&](const Observation& b) {
    auto all = others;
    all.push_back(b);
    return all;
  };
  world.run(with(seen(clean, "b.example")), {sight("a.example", "ok"), sight("b.example", "ok")});
  const std::vector<ListSight> broken{sight("a.example", "ok"), sight("b.example", "broken")};
  CHECK(world.run(with(unknown("b.example")), broken) == Told{"list:worse"});
  for (int i = 0; i < 50; ++i) CHECK(world.run(with(unknown("b.example")), broken).empty());
  CHECK(world.run(with(seen(clean, "b.example")), {sight("b.example", "ok")}) ==
        Told{"list:better"});
}

TEST_CASE("a list without an answer is told only when it stays so") {
  World world;
  const std::vector<Observation> all{seen(clean), seen(clean, "c.example"),
                                     seen(clean, "d.example"), unknown("b.example")};
  const std::vector<ListSight> lists{sight("a.example", "ok"), sight("b.example", "error")};
  CHECK(world.run(all, lists) == Told{"watch:baseline"});
  for (int i = 0; i < 23; ++i) CHECK(world.run(all, lists).empty());
  CHECK(world.run(all, lists) == Told{"list:worse"});
  CHECK(world.last().to.value == "error");
  for (int i = 0; i < 50; ++i) CHECK(world.run(all, lists).empty());
}

TEST_CASE("when nothing answers it is the resolver: one word, and one when it is back") {
  World world;
  const std::vector<ListSight> good{sight("a.example", "ok"), sight("b.example", "ok")};
  const std::vector<ListSight> dead{sight("a.example", "error"), sight("b.example", "error")};
  const std::vector<Observation> fine{seen(listed), seen(clean, "b.example")};
  const std::vector<Observation> silent{unknown(), unknown("b.example")};
  world.run(fine, good);
  CHECK(world.run(silent, dead) == Told{"resolver:worse"});
  CHECK(world.trouble());
  for (int i = 0; i < 100; ++i) CHECK(world.run(silent, dead).empty());  // also past the patience
  CHECK(world.trouble());
  CHECK(world.run(fine, good) == Told{"resolver:better"});
  CHECK(!world.trouble());
  CHECK(world.remembered().items.at(seen(listed).key).standing == listed);
}

TEST_CASE("a single list that is asked alone and broken is not the resolver's fault") {
  World world;
  world.run({seen(clean)}, {sight("a.example", "ok")});
  CHECK(world.run({unknown()}, {sight("a.example", "broken")}) == Told{"list:worse"});
  CHECK(!world.trouble());
}

TEST_CASE("servers that do not answer are no resolver's fault, and are told once after patience") {
  World world;
  const auto server = [](bool known) {
    auto observation = seen(clean, "mx.example.com[192.0.2.1]:25");
    observation.key.check = "smtp";
    observation.known = known;
    observation.overdue = Standing{true, Severity::unknown, "unanswered"};
    return observation;
  };
  world.run({server(true)});
  Told told;
  for (int i = 0; i < 23; ++i) CHECK(world.run({server(false)}).empty());
  CHECK(!world.trouble());
  for (int i = 0; i < 50; ++i) {
    for (auto& word : world.run({server(false)})) told.push_back(word);
  }
  CHECK(told == Told{"smtp:worse"});
  CHECK(!world.trouble());
  CHECK(world.run({server(true)}) == Told{"smtp:better"});
}

namespace {

/// A domain's record whose name servers answer or not.
Observation record(bool known, const Standing& standing = {false, Severity::ok, "v=spf1 -all"}) {
  Observation observation;
  observation.key = {"example.com", "spf", ""};
  observation.known = known;
  if (known) observation.standing = standing;
  observation.overdue = Standing{true, Severity::unknown, "unanswered"};
  return observation;
}

/// With what keeps the quorum.
std::vector<Observation> among_others(const Observation& observation) {
  return {seen(clean), seen(clean, "b.example"), seen(clean, "c.example"), observation};
}

}  // namespace

TEST_CASE("a record that is not answered is told once after patience, whatever it was before") {
  const Standing bad{true, Severity::critical, "v=spf1 +all"};
  for (const auto& before : {record(true), record(true, bad), record(false)}) {
    World world;
    world.run(among_others(before));
    Told told;
    for (int i = 0; i < 34 * 24; ++i) {
      for (auto& word : world.run(among_others(record(false)))) told.push_back(word);
      if (i < 23) CHECK(told.empty());
    }
    CHECK(told == Told{"spf:worse"});  // also from critical: unknown is never better
    CHECK(world.last().to.severity == Severity::unknown);
    CHECK(world.run(among_others(record(true))) == Told{"spf:better"});
  }
}

TEST_CASE("what had no answer at first did not change when it gets one") {
  for (const bool bad : {false, true}) {
    World world;
    world.run(among_others(record(false)));
    const Standing standing{bad, bad ? Severity::critical : Severity::ok, "v=spf1 ?all"};
    CHECK(world.run(among_others(record(true, standing))) == (bad ? Told{"spf:found"} : Told{}));
    CHECK(world.remembered().items.at(record(true).key).standing == standing);
    CHECK(world.remembered().items.at(record(true).key).unknown_since == 0);
  }
}

TEST_CASE("while the resolver is away no record is overdue, nor in the first run after that") {
  World world;
  world.run({record(true), seen(clean)});
  CHECK(world.run({record(false), unknown()}) == Told{"resolver:worse"});
  for (int i = 0; i < 100; ++i) CHECK(world.run({record(false), unknown()}).empty());
  CHECK(world.run(among_others(record(false))) == Told{"resolver:better"});
  CHECK(world.run(among_others(record(false))) == Told{"spf:worse"});
}

TEST_CASE("since when too little is answered") {
  Policy policy;
  policy.confirm = 2;
  const auto of_run = [&](const Remembered& remembered, Seconds now) {
    return *plan_run(remembered, {record(false)}, {}, now, policy);
  };
  Remembered remembered;
  Seconds now = start;
  for (int run = 0; run < 4; ++run, now += hour) {
    const auto outcome = of_run(remembered, now);
    REQUIRE(outcome.resolver_trouble);
    CHECK(outcome.trouble_since == start);
    for (const auto& [key, item] : outcome.changed) remembered.items[key] = item;
    remembered.last_run = outcome.time;
  }
}

TEST_CASE("a clock that was set back stores nothing; a corrected one goes on") {
  World world;
  world.run({seen(clean)});
  const auto last = world.remembered().last_run;
  CHECK(!plan_run(world.remembered(), {seen(clean)}, {}, last - 301, {}));
  const auto corrected = plan_run(world.remembered(), {seen(clean)}, {}, last - 299, {});
  REQUIRE(corrected);
  CHECK(corrected->time == last);
}

TEST_CASE("confirm counts runs that see a change, whatever it is to") {
  Policy policy;
  policy.confirm = 2;
  World world(policy);
  const auto with_code = [](const std::string& code) {
    return seen({true, Severity::critical, code});
  };
  world.run({seen(clean)});
  CHECK(world.run({with_code("127.0.0.2")}).empty());
  CHECK(world.run({with_code("127.0.0.3")}) == Told{"dnsbl:worse"});
  CHECK(world.last().to.value == "127.0.0.3");
  CHECK(world.last().since == start + hour);
  // There and back is none.
  CHECK(world.run({seen(clean)}).empty());
  CHECK(world.run({with_code("127.0.0.3")}).empty());
  CHECK(world.run({seen(clean)}).empty());
}

TEST_CASE("confirm: a value that changes for itself must be the same, and silence is no listing") {
  Policy policy;
  policy.confirm = 2;
  World world(policy);
  const auto record = [](const std::string& value) { return seen({false, Severity::ok, value}); };
  world.run({record("a")});
  for (const char* value : {"b", "c", "a", "b", "c"}) CHECK(world.run({record(value)}).empty());
  CHECK(world.run({record("c")}) == Told{"dnsbl:altered"});
  world.run(beside_others(record("c")));
  world.run(beside_others(silent()));
  world.pass(day);
  CHECK(world.run(beside_others(silent())).empty());
  CHECK(world.run(beside_others(seen(listed))).empty());
  CHECK(world.run(beside_others(record("c"))).empty());
  // The last answer was a listing: what follows is not about somebody who is not listed.
  CHECK(world.run(beside_others(seen(listed))).empty());
  world.run(beside_others(silent()));
  world.pass(day);
  CHECK(world.run(beside_others(silent())).empty());
  CHECK(world.run(beside_others(seen(listed))) == Told{"dnsbl:worse"});
}

TEST_CASE("below the quorum nothing is decided, whoever is at fault") {
  World world;
  world.run({unknown()}, {sight("a.example", "blocked")});
  CHECK(world.outcome().undecided);
  CHECK_FALSE(world.trouble());  // it is the list's
  world.run({seen(clean)}, {sight("a.example", "ok")});
  CHECK_FALSE(world.outcome().undecided);
}

TEST_CASE("a sign of life says where nothing could be judged, and comes in time") {
  Policy policy;
  policy.heartbeat = day;
  World world(policy);
  world.run({seen(clean)});
  world.pass(day - hour - 1);  // a daily job that starts a second sooner
  CHECK(world.run({seen(clean)}) == Told{"watch:heartbeat"});
  CHECK(world.last().to.severity == Severity::ok);
  world.run({unknown()});
  world.pass(day);
  CHECK(world.run({unknown()}) == Told{"watch:heartbeat"});
  CHECK(world.last().to.severity == Severity::unknown);
}

TEST_CASE("a list that never answers about one address is told after a day") {
  World world;
  world.run(beside_others(seen(clean)));
  CHECK(world.run(beside_others(silent())).empty());
  world.pass(day);
  CHECK(world.run(beside_others(silent())) == Told{"dnsbl:worse"});
  CHECK(world.last().to.severity == Severity::unknown);
  CHECK(world.run(beside_others(seen(clean))) == Told{"dnsbl:better"});
  // Who was listed stays listed, also where one more run must see it.
  CHECK(world.run(beside_others(seen(listed))) == Told{"dnsbl:worse"});
  world.run(beside_others(silent()));
  world.pass(day);
  CHECK(world.run(beside_others(silent())).empty());
  CHECK(world.run(beside_others(seen(clean))) == Told{"dnsbl:better"});
}
