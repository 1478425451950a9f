#include "checks/sweep.h"

#include <algorithm>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "checks/dnsbl_query.h"
#include "checks/list_access.h"
#include "checks/self_test.h"

namespace maildiag::checks {

namespace {

/// Targets under way at once: enough to fill any window, and what a slow list may hold up.
constexpr std::size_t most_entries = 4096;
/// Host lookups, and all lists without a route of their own.
constexpr std::size_t main_route = 0;

}  // namespace

Sweep::Sweep(Context context, DnsblOptions options, std::shared_ptr<const ListChoice> choice,
             std::vector<ListRoute> routes, SweepCalls calls)
    : context_(context),
      options_(std::move(options)),
      choice_(std::move(choice)),
      routes_(std::move(routes)),
      calls_(std::move(calls)) {
  const double rate = context.lists == nullptr ? -1 : context.lists->rate;
  for (const auto& asked : choice_->lists()) {
    const auto index = lanes_.size();
    auto& lane = lanes_.emplace_back(asked, rate < 0 ? asked.list->rate : rate,
                                     routes_.empty() ? main_route : index + 1);
    for (auto& gate : lane.gates()) {
      if (!routes_.empty() && routes_[index].fault) {
        gate.state = ListGate::State::shut;
        gate.verdict = *routes_[index].fault;
      } else if (options_.self_test == SelfTest::never) {
        gate.state = ListGate::State::open;
      }
    }
  }
  for (std::size_t route = 0; route <= routes_.size(); ++route)
    streams_.push_back(std::make_unique<Stream>(*this, route));
}

Task<SweepEnd> Sweep::run() {
  const auto executor = co_await asio::this_coro::executor;
  executor_ = executor;
  rate_timer_.emplace(executor);
  tick_timer_.emplace(executor);
  if (calls_.tick) asio::co_spawn(executor, tick(shared_from_this()), asio::detached);
  const std::function<Task<void>(std::size_t)> work = [this](std::size_t route) -> Task<void> {
    if (route > main_route && routes_[route - 1].resolver == nullptr) co_return;
    auto& resolver = resolver_of(route);
    auto& stream = *streams_[route];
    co_await resolver.query_stream(stream);
  };
  co_await for_each_index(streams_.size(), streams_.size(), work);
  co_return finish();
}

dns::Resolver& Sweep::resolver_of(std::size_t route) {
  return route == main_route ? context_.resolver : *routes_[route - 1].resolver;
}

std::optional<Numbered> Sweep::next(std::size_t route) {
  if (stopped_) return std::nullopt;
  if (auto question = next_reason(route)) return question;
  if (waiting_ > 0) {
    if (auto question = next_waiting(route)) return question;
  }
  if (route == main_route && !lookups_.empty()) {
    auto& entry = *lookups_.front();
    if (entry.asked_a) lookups_.pop_front();
    return next_address(entry);
  }
  while (!stopped_ && (!ready_.empty() || pull())) {
    if (ready_.empty()) continue;  // what was pulled asks nothing
    auto& entry = *ready_.front();
    if (auto question = next_of(entry, route)) return question;
  }
  // Those that came to wait just now.
  return waiting_ > 0 && !stopped_ ? next_waiting(route) : std::nullopt;
}

std::optional<Numbered> Sweep::next_reason(std::size_t route) {
  const auto found = std::find_if(reasons_.begin(), reasons_.end(), [&](const Pending& pending) {
    return lanes_[pending.lane].route() == route;
  });
  if (found == reasons_.end()) return std::nullopt;
  const auto pending = *found;
  reasons_.erase(found);
  auto& lane = lanes_[pending.lane];
  lane.limit().take(SweepClock::now());
  auto name = lane.asked().zone.prepend(pending.entry->front);
  return number({std::move(*name), dns::RecordType::txt}, pending);
}

/// A question that waited for its list's test or limit. The lists take turns.
std::optional<Numbered> Sweep::next_waiting(std::size_t route) {
  const auto now = SweepClock::now();
  auto earliest = SweepClock::time_point::max();
  for (std::size_t step = 0; step < lanes_.size(); ++step) {
    const auto index = (turn_ + step) % lanes_.size();
    auto& lane = lanes_[index];
    if (lane.route() != route) continue;
    for (auto& gate : lane.gates()) {
      if (gate.state != ListGate::State::open || gate.waiting.empty()) continue;
      if (!lane.limit().allows(now)) {
        earliest = std::min(earliest, lane.limit().next());
        continue;
      }
      auto& entry = *gate.waiting.front();
      gate.waiting.pop_front();
      --waiting_;
      --entry.open;
      turn_ = index + 1;
      return ask_lane(entry, index);
    }
  }
  if (earliest != SweepClock::time_point::max()) wake_later(earliest);
  return std::nullopt;
}

/// The next question about an entry; nullopt: there is none that can be asked now, and the entry is
/// out of ready_.
std::optional<Numbered> Sweep::next_of(SweepEntry& entry, std::size_t route) {
  if (entry.lookup) {
    if (route == main_route && !entry.asked_a) return next_address(entry);
    ready_.pop_front();
    if (route == main_route) return next_address(entry);
    lookups_.push_back(&entry);
    streams_[main_route]->wake();
    return std::nullopt;
  }
  const auto kind = kind_of(entry.target);
  while (entry.next_lane < lanes_.size()) {
    const auto index = entry.next_lane++;
    auto& lane = lanes_[index];
    if (!lane.asked().serves(kind)) continue;
    auto& gate = lane.gate(kind);
    if (gate.state == ListGate::State::shut || !lane.asked().fits(entry.front)) {
      entry.cells[index].full = lane.refusal(gate);
      continue;
    }
    const bool now = gate.state == ListGate::State::open && gate.waiting.empty() &&
                     lane.route() == route && lane.limit().allows(SweepClock::now());
    if (now) {
      if (entry.next_lane == lanes_.size()) ready_.pop_front();
      return ask_lane(entry, index);
    }
    wait(entry, index, gate);
    if (gate.state == ListGate::State::untested) start_test(index, kind);
  }
  ready_.pop_front();
  settle();
  return std::nullopt;
}

std::optional<Numbered> Sweep::next_address(SweepEntry& entry) {
  const auto type = entry.asked_a ? dns::RecordType::aaaa : dns::RecordType::a;
  (entry.asked_a ? entry.asked_aaaa : entry.asked_a) = true;
  ++entry.open;
  return number({std::get<DomainName>(entry.target), type}, {&entry, 0, Asks::address});
}

Numbered Sweep::ask_lane(SweepEntry& entry, std::size_t index) {
  auto& lane = lanes_[index];
  lane.limit().take(SweepClock::now());
  ++entry.open;
  auto name = lane.asked().zone.prepend(entry.front);
  return number({std::move(*name), dns::RecordType::a}, {&entry, index, Asks::list});
}

Numbered Sweep::number(dns::Question question, Pending pending) {
  if (free_.empty()) {
    free_.push_back(pending_.size());
    pending_.emplace_back();
  }
  const auto number = free_.back();
  free_.pop_back();
  pending_[number] = pending;
  return {std::move(question), number};
}

bool Sweep::pull() {
  if (input_done_ || entries_.size() >= most_entries) return false;
  auto input = calls_.input();
  if (!input) {
    input_done_ = true;
    if (entries_.empty()) wake_all();
    return false;
  }
  return add(std::move(*input));
}

bool Sweep::add(SweepInput input) {
  if (auto* ip = std::get_if<IpAddress>(&input.target)) {
    add_entry(entries_.end(), std::move(input.text), ip->unmapped());
    return true;
  }
  const bool addresses =
      choice_->any_serves(TargetKind::ip4) || choice_->any_serves(TargetKind::ip6);
  // Where no list can be asked about anything, that is told of the name.
  if (choice_->any_serves(TargetKind::domain) || !addresses)
    add_entry(entries_.end(), input.text, input.target);
  if (addresses) add_entry(entries_.end(), std::move(input.text), input.target).lookup = true;
  return true;
}

SweepEntry& Sweep::add_entry(std::list<SweepEntry>::iterator place, std::string text,
                             const DnsblTarget& target) {
  auto& entry = *entries_.emplace(place);
  entry.text = std::move(text);
  entry.target = target;
  entry.front = question_front(target);
  entry.cells.resize(lanes_.size());
  ready_.push_back(&entry);
  return entry;
}

void Sweep::wait(SweepEntry& entry, std::size_t lane, ListGate& gate) {
  gate.waiting.push_back(&entry);
  ++entry.open;
  ++waiting_;
  // Looked at in the next round: this one asks about the entry's other lists first.
  if (lanes_[lane].limit().allows(SweepClock::now())) {
    if (lanes_[lane].route() != main_route) streams_[lanes_[lane].route()]->wake();
  } else if (gate.state == ListGate::State::open) {
    wake_later(lanes_[lane].limit().next());
  }
}

void Sweep::start_test(std::size_t lane, TargetKind kind) {
  lanes_[lane].gate(kind).state = ListGate::State::testing;
  asio::co_spawn(*executor_, test(shared_from_this(), lane, kind), asio::detached);
}

Task<void> Sweep::test(std::shared_ptr<Sweep> self, std::size_t lane, TargetKind kind) {
  // A verdict that needs no answer must not settle the entry that next_of() is looking at.
  co_await asio::post(*self->executor_, asio::use_awaitable);
  auto& asked = self->lanes_[lane].asked();
  auto& resolver = self->resolver_of(self->lanes_[lane].route());
  const auto mode = self->options_.self_test;
  const auto context = self->context_;
  const auto verdict = co_await self_test(context, resolver, asked, kind, mode);
  auto& gate = self->lanes_[lane].gate(kind);
  if (self->finished_ || gate.state != ListGate::State::testing) co_return;
  if (verdict.kind == SelfTestVerdict::Kind::passed) {
    gate.state = ListGate::State::open;
  } else {
    self->shut(gate, lane, verdict);
    self->settle();
  }
  self->wake_all();
}

/// REQUIRES: settle() follows.
void Sweep::shut(ListGate& gate, std::size_t lane, const SelfTestVerdict& verdict) {
  gate.state = ListGate::State::shut;
  gate.verdict = verdict;
  for (auto* entry : gate.waiting) {
    entry->cells[lane].full = lanes_[lane].refusal(gate);
    --entry->open;
    --waiting_;
  }
  gate.waiting.clear();
}

void Sweep::wake_later(SweepClock::time_point time) {
  if (rate_timer_->expiry() > SweepClock::now() && rate_timer_->expiry() <= time) return;
  rate_timer_->expires_at(time);
  rate_timer_->async_wait([weak = weak_from_this()](std::error_code cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self) self->wake_all();
  });
}

}  // namespace maildiag::checks
