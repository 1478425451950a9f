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

/// A check of a server with these faults, the worst first; "critical ..." is one.
Observation faulty(const std::vector<std::string>& names) {
  Observation observation;
  observation.key = {"192.0.2.1", "tls", "mx"};
  auto& faults = observation.standing.faults.emplace();
  for (const auto& name : names) {
    const bool critical = name.starts_with("critical");
    const auto severity = critical ? Severity::critical : Severity::warning;
    observation.faults.push_back({name.substr(critical ? 9 : 0), severity, name});
    faults.emplace(observation.faults.back().name, severity);
  }
  if (names.empty()) return observation;
  observation.standing.bad = true;
  observation.standing.severity = observation.faults.front().severity;
  observation.detail = names.front();
  return observation;
}

/// The faults that a run tells, each with how it changed.
Told faults_told(World& world, const Observation& observation) {
  std::vector<Transition> transitions;
  world.run({observation}, {}, &transitions);
  Told told;
  for (const auto& each : transitions) {
    if (each.key.check == "tls")
      told.push_back(std::string(to_string(each.change)) + " " + each.detail);
    // Each as bad as it is.
    if (each.key.check == "tls" && each.to.bad && !each.detail.empty())
      CHECK((each.to.severity == Severity::critical) == each.detail.starts_with("critical"));
  }
  return told;
}

}  // namespace

TEST_CASE("another fault is told, as bad as it may be, and what goes") {
  World world;
  CHECK(faults_told(world, faulty({"self-signed"})) == Told{"found self-signed"});
  CHECK(faults_told(world, faulty({"self-signed"})).empty());
  CHECK(faults_told(world, faulty({"expires", "self-signed"})) == Told{"worse expires"});
  CHECK(faults_told(world, faulty({"self-signed", "expires"})).empty());  // in another order
  CHECK(faults_told(world, faulty({"no-starttls"})) == Told{"worse no-starttls"});
  CHECK(faults_told(world, faulty({"critical expired", "old"})) ==
        Told{"worse critical expired", "worse old"});
  // What was critical has gone, whatever is there instead.
  CHECK(faults_told(world, faulty({"no-starttls", "weak", "old"})) ==
        Told{"better no-starttls", "worse weak"});
  CHECK(faults_told(world, faulty({"critical old", "no-starttls"})) == Told{"worse critical old"});
  CHECK(faults_told(world, faulty({"critical old", "critical no-starttls"})) ==
        Told{"worse critical no-starttls"});
  CHECK(faults_told(world, faulty({"no-starttls"})) == Told{"better no-starttls"});
  CHECK(faults_told(world, faulty({"no-starttls", "old"})) == Told{"worse old"});
  CHECK(faults_told(world, faulty({"old"})) == Told{"better old"});
  CHECK(faults_told(world, faulty({})) == Told{"better "});
}

TEST_CASE("a fault that could not be looked for is not gone, and others are") {
  World world;
  world.run({faulty({"one a", "one address b", "two a"})});
  auto partly = faulty({"two a"});
  partly.unanswered = {"one"};
  CHECK(faults_told(world, partly).empty());
  partly.unanswered = {"one address"};
  CHECK(faults_told(world, partly) == Told{"better two a"});
  CHECK(faults_told(world, faulty({"one a", "one address b", "two a"})) == Told{"worse one a"});
  partly = faulty({"one c"});
  partly.unanswered = {""};
  CHECK(faults_told(world, partly) == Told{"worse one c"});
  CHECK(faults_told(world, faulty({"one c"})) == Told{"better one c"});
}

TEST_CASE("where the only fault could not be looked for, nothing is better") {
  World world;
  world.run({faulty({"critical one a", "two a"})});
  auto partly = faulty({});
  partly.unanswered = {"one", "two"};
  CHECK(faults_told(world, partly).empty());
  partly = faulty({"two a"});
  partly.unanswered = {"one"};
  CHECK(faults_told(world, partly).empty());
  CHECK(faults_told(world, faulty({"two a"})) == Told{"better two a"});
}

TEST_CASE("a part without an answer for a day is told as a fault, once, and goes with the answer") {
  World world;
  const auto partly = [](const std::vector<std::string>& names) {
    auto observation = faulty(names);
    observation.unanswered = {"one"};
    observation.silences = {{"one silent", Severity::unknown, "no answer"}};
    observation.overdue = Standing{true, Severity::unknown, "unanswered"};
    return observation;
  };
  CHECK(faults_told(world, partly({"two a"})) == Told{"found two a"});
  CHECK(faults_told(world, partly({"two a"})).empty());
  world.pass(day);
  CHECK(faults_told(world, partly({"two a"})) == Told{"worse no answer"});
  CHECK(world.last().to.severity == Severity::unknown);
  CHECK(faults_told(world, partly({"two a"})).empty());
  CHECK(faults_told(world, partly({"two a", "two b"})) == Told{"worse two b"});
  CHECK(faults_told(world, partly({"two b"})) == Told{"better two b"});
  CHECK(faults_told(world, partly({"critical two c", "two b"})) == Told{"worse critical two c"});
  CHECK(faults_told(world, partly({"two b"})) == Told{"better two b"});
  CHECK(faults_told(world, partly({})) == Told{"better "});
  CHECK(faults_told(world, faulty({})) == Told{"better "});
  CHECK(faults_told(world, partly({})).empty());
  CHECK(faults_told(world, faulty({"one a"})) == Told{"worse one a"});
}

TEST_CASE("a part that has no answer while the resolver has none is nobody's fault") {
  World world;
  auto partly = faulty({});
  partly.unanswered = {"one"};
  partly.silences = {{"one silent", Severity::unknown, "no answer"}};
  world.run({partly});
  world.pass(day);
  CHECK(faults_told(world, partly).empty());
}

TEST_CASE("all that was known of it, and then nothing, and then a part") {
  World world;
  auto partly = faulty({"two a"});
  partly.unanswered = {"one"};
  partly.silences = {{"one silent", Severity::unknown, "no answer"}};
  partly.overdue = Standing{true, Severity::unknown, "unanswered"};
  auto nothing = faulty({});
  nothing.known = false;
  nothing.detail = "nothing at all";
  nothing.overdue = partly.overdue;
  const auto told = [&world](const Observation& observation) {
    std::vector<Transition> transitions;
    world.run(beside_others(observation), {}, &transitions);
    Told words;
    for (const auto& each : transitions) {
      if (each.key.check == "tls")
        words.push_back(std::string(to_string(each.change)) + " " + each.detail);
    }
    return words;
  };
  CHECK(told(partly) == Told{"found two a"});
  world.pass(day);
  CHECK(told(partly) == Told{"worse no answer"});
  CHECK(told(nothing) == Told{"worse nothing at all"});
  CHECK(told(nothing).empty());
  CHECK(told(partly) == Told{"worse no answer"});
  CHECK(told(faulty({"two a"})) == Told{"better two a"});
}

TEST_CASE("confirm: each fault was seen so often, and silence confirms none") {
  Policy policy;
  policy.confirm = 3;
  World world(policy);
  world.run({faulty({"a"})});
  CHECK(faults_told(world, faulty({"a", "b"})).empty());
  CHECK(faults_told(world, faulty({"a", "b"})).empty());
  CHECK(faults_told(world, faulty({"a", "b", "c"})) == Told{"worse b"});
  CHECK(faults_told(world, faulty({"a", "b"})).empty());
  // Other faults in turn are none that was there so often; nothing at all would be.
  CHECK(faults_told(world, faulty({"a", "b", "d"})).empty());
  CHECK(faults_told(world, faulty({"a", "b", "e"})).empty());
  CHECK(faults_told(world, faulty({"a", "b", "f"})).empty());
  CHECK(faults_told(world, faulty({"a", "b", "g"})).empty());
}

TEST_CASE("faults that an older history did not tell apart are no news") {
  World world;
  auto one = faulty({"self-signed"});
  one.standing.faults.reset();
  one.faults.clear();
  CHECK(faults_told(world, one) == Told{"found self-signed"});
  CHECK(faults_told(world, faulty({"self-signed", "old"})).empty());
  CHECK(faults_told(world, faulty({"self-signed", "old", "expires"})) == Told{"worse expires"});
}

TEST_CASE("after a silence the faults of before are no news, and a new one is") {
  World world;
  const auto silent = [] {
    auto observation = faulty({});
    observation.known = false;
    observation.standing = {};
    observation.overdue = Standing{true, Severity::unknown, "unanswered"};
    return observation;
  };
  world.run({faulty({"self-signed"})});
  world.run({silent()});
  world.pass(day);
  CHECK(faults_told(world, silent()) == Told{"worse "});
  CHECK(faults_told(world, faulty({"expires", "self-signed"})) == Told{"worse expires"});
}
