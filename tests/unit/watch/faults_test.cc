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

/// A check of a server with these faults, the first the worst.
Observation faulty(const std::vector<std::string>& names, Severity severity = Severity::warning) {
  Observation observation;
  observation.key = {"192.0.2.1", "tls", "mx"};
  observation.standing = {!names.empty(), names.empty() ? Severity::ok : severity, ""};
  observation.standing.faults.emplace(names.begin(), names.end());
  observation.detail = names.empty() ? "" : names.front();
  for (const auto& name : names) observation.faults.push_back({name, name});
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
  CHECK(faults_told(world, faulty({"expired", "old"}, Severity::critical)) ==
        Told{"worse expired", "worse old"});
  // Less bad, but something else.
  CHECK(faults_told(world, faulty({"no-starttls"})) == Told{"worse no-starttls"});
  CHECK(faults_told(world, faulty({"no-starttls", "old"})) == Told{"worse old"});
  CHECK(faults_told(world, faulty({"old"})) == Told{"better old"});
  CHECK(faults_told(world, faulty({})) == Told{"better "});
}

TEST_CASE("a fault that could not be looked for is not gone") {
  World world;
  world.run({faulty({"first", "second"})});
  auto partial = faulty({"first"});
  partial.partial = true;
  CHECK(faults_told(world, partial).empty());
  CHECK(faults_told(world, faulty({"first", "second"})).empty());
  partial = faulty({"third"});
  partial.partial = true;
  CHECK(faults_told(world, partial) == Told{"worse third"});
  CHECK(faults_told(world, faulty({"third"})) == Told{"better third"});
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
