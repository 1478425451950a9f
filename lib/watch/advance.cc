#include "watch/advance.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "core/clock.h"
#include "watch/change.h"
#include "watch/pieces.h"

namespace maildiag::watch {

namespace {

Transition transition_of(const Observation& seen, Change change, const Standing& from,
                         const Standing& to, Seconds now, Seconds since) {
  return {seen.key, change, from, to, now, since, seen.detail};
}

/// Who was listed at last, if only in the last answer, stays so until the list says something else.
bool is_known_listing(const Observation& seen, const Item& stored) {
  const auto listed = [](const Standing& standing) {
    return standing.bad && standing.severity != Severity::unknown;
  };
  return seen.key.check == "dnsbl" &&
         (listed(stored.standing) || (stored.candidate && listed(stored.candidate->standing)));
}

/// Unknown for too long counts as the standing that is said for it.
std::optional<Standing> standing_of(const Item& stored, const Observation& seen, Seconds now,
                                    const Policy& policy) {
  if (seen.known) return seen.standing;
  const bool late = stored.unknown_since != 0 && now - stored.unknown_since >= policy.patience;
  return late && !is_known_listing(seen, stored) ? seen.overdue : std::nullopt;
}

Step first_sight(const Observation& seen, Seconds now) {
  Step step;
  if (!seen.known) {
    // Only that patience may run out is worth remembering; how it stands is not known.
    if (seen.overdue) step.item = Item{{false, Severity::unknown, ""}, now, 0, now, std::nullopt};
    return step;
  }
  step.item = Item{seen.standing, now, seen.standing.bad ? now : 0, 0, std::nullopt};
  if (seen.standing.bad)
    step.transition = transition_of(seen, Change::found, {}, seen.standing, now, now);
  return step;
}

/// A daily job comes a little sooner now and then.
bool is_due(Seconds passed, Seconds span) {
  constexpr Seconds slack = 1800;  // an hourly job's turn before must not count
  return span > 0 && passed >= span - std::min(span / 10, slack);
}

/// Counts a run that sees `standing` as one more of the candidate, or as the first of a new one.
void propose(Item& item, const Standing& standing, Seconds now) {
  if (!item.candidate || !confirm_each_other(item.standing, item.candidate->standing, standing))
    item.candidate = Item::Candidate{standing, now, 0};
  item.candidate->standing = standing;
  ++item.candidate->runs;
}

}  // namespace

Step advance(const Item* stored, const Observation& seen, Seconds now, const Policy& policy) {
  if (stored == nullptr) return first_sight(seen, now);
  Step step;
  if (seen.known && never_known(stored->standing)) {
    step = first_sight(seen, now);
    step.item->plan = stored->plan;
    step.item->unwatched = stored->unwatched;
    return step;
  }
  step.item = *stored;
  Item& item = *step.item;
  if (seen.known) {
    item.unknown_since = 0;
  } else if (item.unknown_since == 0) {
    item.unknown_since = now;
  }
  const auto standing = standing_of(*stored, seen, now, policy);
  if (!standing) return step;  // neither confirms a change nor takes one back
  if (is_same(item.standing, *standing)) {
    item.candidate.reset();
    if (item.standing.bad && seen.repeats && is_due(now - item.told_at, policy.renotify)) {
      item.told_at = now;
      step.transition =
          transition_of(seen, Change::still, item.standing, item.standing, now, item.since);
    }
    return step;
  }
  propose(item, *standing, now);
  if (item.candidate->runs < policy.confirm) return step;
  step.transition = transition_of(seen, change_between(item.standing, *standing), item.standing,
                                  *standing, now, item.candidate->since);
  item.standing = *standing;
  item.since = item.candidate->since;
  item.told_at = now;
  item.candidate.reset();
  return step;
}

namespace {

Observation observation_of(const ListSight& sight) {
  Observation seen;
  seen.key = {"", std::string(list_check), sight.zone};
  seen.repeats = false;
  seen.detail = sight.zone;
  seen.plan = sight.plan;
  const auto unusable = [](const char* why) { return Standing{true, Severity::info, why}; };
  if (sight.skipped > 0 && sight.asked() == 0) {
    seen.standing = unusable("skipped");
  } else if (sight.answered > 0) {
    seen.standing = {};
  } else if (sight.broken > 0) {
    seen.standing = unusable("broken");
  } else if (sight.blocked > 0) {
    seen.standing = unusable("blocked");
  } else {
    seen.known = false;  // servers are away for an hour now and then
    seen.overdue = unusable("error");
  }
  return seen;
}

/// A mail server that does not answer says nothing about the resolver.
bool is_of_server(std::string_view check) {
  return check == "smtp" || check == "tls";
}

/// Less than the quorum was answered.
void find_trouble(const std::vector<Observation>& observations, const std::vector<ListSight>& lists,
                  double quorum, Outcome& outcome) {
  int asked = 0, answered = 0;
  for (const auto& seen : observations) {
    if (is_of_server(seen.key.check)) continue;
    ++asked;
    answered += seen.is_answered() ? 1 : 0;
  }
  outcome.undecided = asked > 0 && answered < quorum * asked;
  if (!outcome.undecided) return;
  // Several lists at once, or everything that was asked: not one list's fault.
  const auto silent = [](const ListSight& list) { return list.asked() > 0 && list.answered == 0; };
  const auto trouble = std::count_if(lists.begin(), lists.end(), silent);
  const bool wrong_answers = std::any_of(lists.begin(), lists.end(), [](const ListSight& list) {
    return list.broken + list.blocked > 0;
  });
  const bool other_unknown =
      std::any_of(observations.begin(), observations.end(), [](const Observation& seen) {
        return !seen.is_answered() && seen.key.check != "dnsbl" && !is_of_server(seen.key.check);
      });
  outcome.resolver_trouble = trouble >= 2 || other_unknown || (answered == 0 && !wrong_answers);
}

/// While the resolver says nothing, that others do not answer is no news of them; nor is it where
/// the first run after that still waits for one of them. A server is asked without a resolver.
void be_patient(std::vector<Observation>& observations) {
  for (auto& seen : observations) {
    if (!is_of_server(seen.key.check) || seen.key.subject.empty()) seen.overdue.reset();
  }
}

void sort_worst_first(std::vector<Transition>& transitions) {
  std::stable_sort(transitions.begin(), transitions.end(),
                   [](const Transition& a, const Transition& b) {
                     return rank(a.to.severity) > rank(b.to.severity);
                   });
}

/// The baseline stands in front of what it found; a sign of life is given when all else is silent.
void add_own_words(const Remembered& remembered, const Policy& policy, Outcome& outcome) {
  Transition own{{"", std::string(watch_check), ""},
                 Change::baseline,
                 {},
                 {},
                 outcome.time,
                 outcome.time,
                 fmt::format("{}/{}", outcome.answered, outcome.asked)};
  own.to.value = std::to_string(outcome.bad);
  if (remembered.last_run == 0) {
    outcome.transitions.insert(outcome.transitions.begin(), own);
  } else if (outcome.transitions.empty() &&
             is_due(outcome.time - remembered.last_spoke, policy.heartbeat)) {
    own.change = Change::heartbeat;
    if (outcome.undecided) own.to.severity = Severity::unknown;
    outcome.transitions.push_back(own);
  }
}

/// Who looks at a file's item by hand does not take it out of the file's hands.
void claim(Item& item, const Observation& seen) {
  const bool is_file = seen.plan.starts_with('/');
  if (item.plan.empty() || item.unwatched != 0 || is_file) item.plan = seen.plan;
  item.unwatched = 0;
}

void note_unwatched(const Remembered& remembered, const std::vector<Observation>& observations,
                    const std::set<std::string>& whole, Outcome& outcome) {
  if (whole.empty()) return;
  std::set<Key> looked_at;
  for (const auto& seen : observations) looked_at.insert(seen.key);
  for (const auto& [key, item] : remembered.items) {
    auto check = key;
    check.fault.clear();
    if (item.unwatched != 0 || whole.count(item.plan) == 0 || looked_at.count(check) > 0) continue;
    auto& changed = outcome.changed.emplace_back(key, item).second;
    changed.unwatched = outcome.time;
    changed.candidate.reset();
  }
}

/// The whole's change is told by its faults, if they changed, too, which take its values.
void add_told(const Remembered& remembered, const Observation& seen, std::vector<Transition> told,
              Outcome& outcome) {
  const auto found = remembered.items.find(seen.key);
  const auto before = found != remembered.items.end() ? found->second.standing.value : "";
  const bool by_faults = std::any_of(told.begin(), told.end(), [](const Transition& each) {
    return !each.key.fault.empty() && each.change != Change::still;
  });
  for (auto& each : told) {
    if (by_faults && each.key.fault.empty() && each.change == Change::altered) continue;
    if (!each.key.fault.empty()) {
      each.from.value = before;
      each.to.value = seen.known ? seen.standing.value : before;
    }
    outcome.transitions.push_back(std::move(each));
  }
}

void take(const Remembered& remembered, const Observation& seen, const Policy& policy,
          Outcome& outcome) {
  std::vector<Transition> told;
  bool bad = false;
  for (auto& piece : pieces_of(remembered.items, seen)) {
    const auto& key = piece.seen.key;
    auto step = advance(piece.stored ? &*piece.stored : nullptr, piece.seen, outcome.time, policy);
    if (step.transition) told.push_back(std::move(*step.transition));
    if (!step.item) continue;
    auto& item = *step.item;
    claim(item, piece.seen);
    if (!key.fault.empty()) item.detail = piece.seen.detail;
    bad = bad || item.standing.bad;
    const auto found = remembered.items.find(key);
    const bool is_new = found == remembered.items.end();
    if (!is_over(key, item)) {
      if (is_new || !(found->second == item)) outcome.changed.emplace_back(key, std::move(item));
    } else if (!is_new) {
      outcome.gone.push_back(key);
    }
  }
  if (bad && !seen.key.target.empty()) ++outcome.bad;
  add_told(remembered, seen, std::move(told), outcome);
}

/// As it is stored; of a trouble that still waits for its confirmation, this run's time.
Seconds trouble_since(const Remembered& remembered, const Outcome& outcome) {
  const Key key{"", std::string(resolver_check), ""};
  const auto changed = std::find_if(outcome.changed.begin(), outcome.changed.end(),
                                    [&](const auto& item) { return item.first == key; });
  const auto stored = remembered.items.find(key);
  const Item* item = changed != outcome.changed.end()   ? &changed->second
                     : stored != remembered.items.end() ? &stored->second
                                                        : nullptr;
  return item != nullptr && item->standing.bad ? item->since : outcome.time;
}

}  // namespace

Result<Outcome> plan_run(const Remembered& remembered, std::vector<Observation> observations,
                         const std::vector<ListSight>& lists, Seconds now, const Policy& policy,
                         const std::set<std::string>& whole) {
  if (now < remembered.last_run - clock_tolerance) {
    const auto moment = [](Seconds time) {
      return to_rfc3339(WallTime{} + std::chrono::seconds(time));
    };
    return fail_with(ErrorCode::bad_data,
                     "the clock says {}, but the last run was at {}: correct the clock, or, if "
                     "it was that run's clock that was ahead, the history, by maildiag watch "
                     "prune --clock-was-ahead; nothing was stored",
                     moment(now), moment(remembered.last_run));
  }
  Outcome outcome;
  outcome.time = std::max(now, remembered.last_run);
  for (const auto& seen : observations) {
    ++outcome.asked;
    outcome.answered += seen.is_answered() ? 1 : 0;
  }
  find_trouble(observations, lists, policy.quorum, outcome);

  const Key resolver_key{"", std::string(resolver_check), ""};
  const auto before = remembered.items.find(resolver_key);
  if (outcome.resolver_trouble || (before != remembered.items.end() && before->second.standing.bad))
    be_patient(observations);

  Observation resolver;
  resolver.key = resolver_key;
  resolver.repeats = false;
  resolver.detail = fmt::format("{}/{}", outcome.answered, outcome.asked);
  if (outcome.resolver_trouble) resolver.standing = {true, Severity::unknown, "trouble"};
  observations.push_back(std::move(resolver));
  if (!outcome.resolver_trouble) {
    for (const auto& list : lists) observations.push_back(observation_of(list));
  }

  for (const auto& seen : observations) take(remembered, seen, policy, outcome);
  if (outcome.resolver_trouble) outcome.trouble_since = trouble_since(remembered, outcome);
  // Of a list that nobody could be asked about nothing was seen, either.
  if (!outcome.resolver_trouble) note_unwatched(remembered, observations, whole, outcome);
  sort_worst_first(outcome.transitions);
  add_own_words(remembered, policy, outcome);
  return outcome;
}

}  // namespace maildiag::watch
