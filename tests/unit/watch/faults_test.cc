// Several things that are wrong with one that is watched.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "unit/watch/world.h"
#include "watch/advance.h"

using namespace maildiag;
using namespace maildiag::watch;
using namespace maildiag::watch::test;

namespace {

const Standing overdue{true, Severity::unknown, "unanswered"};

/// A check of a server with these faults; "critical ..." is one.
Observation faulty(const std::vector<std::string>& names) {
  Observation observation;
  observation.key = {"192.0.2.1", "tls", "mx"};
  observation.overdue = overdue;
  auto& parts = observation.parts.emplace();
  for (const auto& name : names) {
    const bool critical = name.starts_with("critical ");
    const auto severity = critical ? Severity::critical : Severity::warning;
    parts.faults.push_back({critical ? name.substr(9) : name, severity, name});
  }
  return observation;
}

/// The same where one place gave no answer.
Observation partly(const std::vector<std::string>& names, const std::string& place = "one") {
  auto observation = faulty(names);
  observation.parts->hidden = {place + " "};
  observation.parts->silences = {{place + " silent", Severity::unknown, "no " + place}};
  return observation;
}

Observation nothing() {
  auto observation = faulty({});
  observation.known = false;
  observation.detail = "nothing at all";
  observation.parts->hidden = {""};
  return observation;
}

Observation undivided(const Standing& standing) {
  auto observation = faulty({});
  observation.parts.reset();
  observation.standing = standing;
  observation.detail = "old";
  return observation;
}

/// What a run tells of the check, each with how it changed.
Told told(World& world, const Observation& observation) {
  std::vector<Transition> transitions;
  world.run(beside_others(observation), {}, &transitions);
  Told words;
  for (const auto& each : transitions) {
    if (each.key.check == "tls")
      words.push_back(std::string(to_string(each.change)) + " " + each.detail);
    // Each as bad as it is.
    if (each.key.check == "tls" && each.to.bad && !each.key.fault.empty() &&
        each.to.severity != Severity::unknown)
      CHECK((each.to.severity == Severity::critical) == each.detail.starts_with("critical"));
  }
  return words;
}

}  // namespace

TEST_CASE("each fault is told by itself, as bad as it is, and when it is gone") {
  World world;
  CHECK(told(world, faulty({"self-signed"})) == Told{"found self-signed"});
  CHECK(told(world, faulty({"self-signed"})).empty());
  CHECK(told(world, faulty({"expires", "self-signed"})) == Told{"worse expires"});
  CHECK(told(world, faulty({"self-signed", "expires"})).empty());  // in another order
  CHECK(told(world, faulty({"no-starttls"})) ==
        Told{"worse no-starttls", "better expires", "better self-signed"});
  CHECK(told(world, faulty({"critical expired", "old", "no-starttls"})) ==
        Told{"worse critical expired", "worse old"});
  CHECK(told(world, faulty({"no-starttls", "weak", "old"})) ==
        Told{"worse weak", "better critical expired"});
  CHECK(told(world, faulty({"no-starttls", "critical weak", "old"})) ==
        Told{"worse critical weak"});
  CHECK(told(world, faulty({"no-starttls", "weak", "old"})) == Told{"better weak"});
  CHECK(world.outcome().bad == 1);
  CHECK(told(world, faulty({})) == Told{"better no-starttls", "better old", "better weak"});
  CHECK(world.outcome().bad == 0);
  CHECK(told(world, faulty({"old"})) == Told{"worse old"});
}

TEST_CASE("what is gone is forgotten, and what is there is not") {
  World world;
  told(world, faulty({"a", "b"}));
  told(world, faulty({"b"}));
  told(world, faulty({"b", "c"}));
  std::vector<std::string> remembered;
  for (const auto& [key, item] : world.remembered().items) {
    if (key.check == "tls") remembered.push_back(key.fault);
  }
  CHECK(remembered == std::vector<std::string>{"", "b", "c"});
}

TEST_CASE("a fault that could not be looked for is not gone, and others are") {
  World world;
  told(world, faulty({"one a", "critical one address b", "two a"}));
  CHECK(told(world, partly({"two a"})).empty());
  CHECK(told(world, partly({})) == Told{"better two a"});
  CHECK(told(world, partly({"two a"}, "one address")) == Told{"worse two a", "better one a"});
  CHECK(world.outcome().bad == 1);
  CHECK(told(world, faulty({"two a"})) == Told{"better critical one address b"});
  // Beside half an answer, too.
  CHECK(told(world, partly({"two a", "two b"})) == Told{"worse two b"});
  CHECK(told(world, nothing()).empty());
  CHECK(told(world, faulty({"two b"})) == Told{"better two a"});
}

TEST_CASE("what hides behind silence for ever is bounded") {
  World world;
  const auto remembered = [&world] { return world.remembered().items.size(); };
  for (int run = 0; run < 10; ++run) {
    std::vector<std::string> names;
    for (int i = 0; i < 64; ++i) names.push_back(std::to_string(run) + "." + std::to_string(i));
    auto observation = faulty(names);
    observation.parts->hidden = {""};
    world.run(beside_others(observation));
    for (const auto& each : world.outcome().transitions)
      CHECK((each.key.check != "tls" || each.change != Change::better));
  }
  CHECK(remembered() < 256 + 64 + 8);
  world.run(beside_others(faulty({})));
  CHECK(remembered() < 8);
}

TEST_CASE("a fault that is seen is told where the rest is not known") {
  World world;
  told(world, faulty({}));
  auto observation = nothing();
  observation.parts->faults = {{"a", Severity::critical, "critical a"}};
  CHECK(told(world, observation) == Told{"worse critical a"});
  CHECK(told(world, nothing()).empty());
  CHECK(told(world, faulty({})) == Told{"better critical a"});
}

TEST_CASE("each part without an answer for a day is told, once, and when it is answered") {
  World world;
  CHECK(told(world, partly({"two a"})) == Told{"found two a"});
  CHECK(told(world, partly({"two a"})).empty());
  world.pass(day);
  CHECK(told(world, partly({"two a"})) == Told{"worse no one"});
  CHECK(world.last().to.severity == Severity::unknown);
  CHECK(told(world, partly({"two a"})).empty());
  // Another one has a day of its own.
  auto both = partly({"two a"});
  both.parts->hidden.emplace_back("two ");
  both.parts->silences.push_back({"two silent", Severity::unknown, "no two"});
  CHECK(told(world, both).empty());
  CHECK(told(world, nothing()).empty());  // and so has the whole
  CHECK(told(world, both).empty());
  world.pass(day);
  CHECK(told(world, both) == Told{"worse no two"});
  CHECK(told(world, partly({})) == Told{"better two a", "better no two"});
  CHECK(told(world, faulty({})) == Told{"better no one"});
  CHECK(told(world, partly({})).empty());
  CHECK(told(world, faulty({"one a"})) == Told{"worse one a"});
}

TEST_CASE("parts that fall silent by turns are no alert") {
  World world;
  told(world, faulty({}));
  for (int run = 0; run < 40; ++run)
    CHECK(told(world, partly({}, run % 2 == 0 ? "one" : "two")).empty());
}

TEST_CASE("a part that has no answer while the resolver has none is nobody's fault") {
  World world;
  auto observation = partly({});
  observation.overdue.reset();
  told(world, observation);
  world.pass(day);
  CHECK(told(world, observation).empty());
}

TEST_CASE("all was silent for a day: then what is wrong is told, and what was before is no news") {
  World world;
  CHECK(told(world, nothing()).empty());
  world.pass(day);
  CHECK(told(world, nothing()) == Told{"worse nothing at all"});
  auto answered = faulty({"critical a", "b"});
  answered.detail = "in order";
  CHECK(told(world, answered) == Told{"worse critical a", "worse b", "better in order"});
  CHECK(told(world, nothing()).empty());
  world.pass(day);
  CHECK(told(world, nothing()) == Told{"worse nothing at all"});
  answered.parts->faults.pop_back();
  CHECK(told(world, answered) == Told{"better in order", "better b"});
}

TEST_CASE("a change of the whole is told by its faults, if they changed, too") {
  World world;
  auto record = faulty({});
  record.standing.value = "one";
  told(world, record);
  record.standing.value = "two";
  CHECK(told(world, record) == Told{"altered "});
  record.standing.value = "three";
  record.parts->faults = {{"a", Severity::warning, "a"}};
  CHECK(told(world, record) == Told{"worse a"});
  CHECK(world.last().from.value == "two");
  CHECK(world.last().to.value == "three");
  CHECK(told(world, record).empty());
  record.standing.value = "four";
  CHECK(told(world, record) == Told{"altered "});
}

TEST_CASE("confirm: each fault was seen so often, and silence neither confirms nor takes back") {
  Policy policy;
  policy.confirm = 3;
  World world(policy);
  told(world, faulty({"a"}));
  CHECK(told(world, faulty({"a", "b"})).empty());
  CHECK(told(world, faulty({"a", "b"})).empty());
  CHECK(told(world, faulty({"a", "b", "c"})) == Told{"worse b"});
  CHECK(told(world, faulty({"a", "b"})).empty());
  CHECK(told(world, faulty({"a", "b", "c"})).empty());
  CHECK(told(world, faulty({"a", "b", "c"})).empty());
  CHECK(world.outcome().bad == 1);
  CHECK(told(world, faulty({"b", "c"})) == Told{"worse c"});
  CHECK(told(world, faulty({"b", "c"})).empty());
  // Runs without an answer do not count.
  CHECK(told(world, faulty({"a", "b", "c", "one d"})).empty());
  CHECK(told(world, partly({"a", "b", "c"})).empty());
  CHECK(told(world, faulty({"a", "b", "c", "one d"})).empty());
  CHECK(told(world, nothing()).empty());
  CHECK(told(world, faulty({"a", "b", "c", "one d"})) == Told{"worse one d"});
}

TEST_CASE("renotify: each fault that is seen to be there still") {
  Policy policy;
  policy.renotify = day;
  World world(policy);
  told(world, faulty({"a", "one b"}));
  CHECK(told(world, faulty({"a", "one b"})).empty());
  world.pass(day);
  CHECK(told(world, partly({"a"})) == Told{"still a"});
  CHECK(told(world, faulty({"a", "one b"})) == Told{"still one b"});
}

TEST_CASE("faults that an older history did not tell apart are no news") {
  const Standing bad{true, Severity::critical, "x"};
  World world;
  CHECK(told(world, undivided(bad)) == Told{"found old"});
  auto now = faulty({"self-signed", "old"});
  now.standing.value = "x";
  SUBCASE("there now") {
    CHECK(told(world, now).empty());
    now.parts->faults.push_back({"expires", Severity::warning, "expires"});
    CHECK(told(world, now) == Told{"worse expires"});
  }
  SUBCASE("worse than it was") {
    World younger;
    told(younger, undivided({true, Severity::warning, "x"}));
    now.parts->faults.push_back({"expired", Severity::critical, "critical expired"});
    CHECK(told(younger, now) == Told{"worse critical expired"});
    CHECK(told(younger, now).empty());
  }
  SUBCASE("silent since") {
    CHECK(told(world, nothing()).empty());
    world.pass(day);
    CHECK(told(world, nothing()) == Told{"worse nothing at all"});
  }
  SUBCASE("gone") {
    auto good = faulty({});
    good.standing.value = "x";
    auto half = partly({});
    half.standing.value = "x";
    CHECK(told(world, half).empty());
    CHECK(world.outcome().bad == 1);
    CHECK(told(world, good) == Told{"better "});
    CHECK(told(world, now).size() == 2);
  }
}
