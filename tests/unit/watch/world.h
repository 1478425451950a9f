/// Runs of a watch after each other, without a check, a history or a clock.
#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "watch/advance.h"

namespace maildiag::watch::test {

inline constexpr Seconds hour = 3600, day = 24 * hour;
inline constexpr Seconds start = 1'800'000'000;

inline const Standing clean{};
inline const Standing listed{true, Severity::critical, "127.0.0.2"};

/// A watch of one address on one list, run by run, with a clock of its own.
class World {
 public:
  explicit World(Policy policy = {}) : policy_(policy) {}

  /// The changes that the run stores to be told, as "kind:change".
  std::vector<std::string> run(const std::vector<Observation>& seen,
                               const std::vector<ListSight>& lists = {},
                               std::vector<Transition>* transitions = nullptr) {
    const auto outcome = plan_run(remembered_, seen, lists, now_, policy_);
    REQUIRE(outcome);
    if (transitions != nullptr) *transitions = outcome->transitions;
    outcome_ = *outcome;
    std::vector<std::string> told;
    for (const auto& transition : outcome->transitions) {
      told.push_back(transition.key.check + ":" + std::string(to_string(transition.change)));
      last_ = transition;
    }
    for (const auto& [key, item] : outcome->changed) remembered_.items[key] = item;
    for (const auto& key : outcome->gone) CHECK(remembered_.items.erase(key) == 1);
    remembered_.last_run = outcome->time;
    if (!told.empty()) remembered_.last_spoke = outcome->time;
    trouble_ = outcome->resolver_trouble;
    now_ += hour;
    return told;
  }
  void pass(Seconds time) { now_ += time; }
  const Transition& last() const { return last_; }
  const Outcome& outcome() const { return outcome_; }
  bool trouble() const { return trouble_; }
  Remembered& remembered() { return remembered_; }
  Seconds now() const { return now_; }

 private:
  Policy policy_;
  Remembered remembered_;
  Transition last_;
  Outcome outcome_;
  bool trouble_ = false;
  Seconds now_ = start;
};

inline Observation seen(const Standing& standing, const std::string& zone = "a.example") {
  Observation observation;
  observation.key = {"192.0.2.1", "dnsbl", zone};
  observation.standing = standing;
  return observation;
}

inline Observation unknown(const std::string& zone = "a.example") {
  auto observation = seen(clean, zone);
  observation.known = false;
  return observation;
}

/// No answer, for which patience may run out.
inline Observation silent() {
  auto observation = unknown();
  observation.overdue = Standing{true, Severity::unknown, "unanswered"};
  return observation;
}

/// With so many answers that the quorum is never missed.
inline std::vector<Observation> beside_others(const Observation& one) {
  return {seen(clean, "b.example"), seen(clean, "c.example"), seen(clean, "d.example"), one};
}

inline ListSight sight(const std::string& zone, const std::string& state) {
  ListSight list;
  list.zone = zone;
  (state == "ok"        ? list.answered
   : state == "broken"  ? list.broken
   : state == "blocked" ? list.blocked
                        : list.error) = 1;
  return list;
}

using Told = std::vector<std::string>;

}  // namespace maildiag::watch::test
