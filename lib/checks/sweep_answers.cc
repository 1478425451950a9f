#include <algorithm>
#include <iterator>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "checks/dnsbl_judge.h"
#include "checks/sweep.h"

namespace maildiag::checks {

namespace {

constexpr auto tick_interval = std::chrono::milliseconds(100);

}  // namespace

void Sweep::done(std::uint64_t number, dns::Answer answer) {
  const auto pending = pending_[number];
  free_.push_back(number);
  ++count_.questions;
  auto& entry = *pending.entry;
  if (pending.asks == Asks::list) {
    on_list(pending, answer);
  } else if (pending.asks == Asks::reason) {
    entry.cells[pending.lane].full->txt = read_reason(answer);
  } else {
    on_address(entry, answer);
  }
  --entry.open;
  if (entry.lookup && entry.complete()) expand(entry);
  settle();
}

void Sweep::on_list(const Pending& pending, const dns::Answer& answer) {
  auto& lane = lanes_[pending.lane];
  auto& cell = pending.entry->cells[pending.lane];
  if (answer.definite() && !answer.found()) {
    cell.state = ListState::not_listed;
    cell.ttl = answer.ttl;
  } else {
    cell.full = std::make_unique<ListResult>(read_answer(lane.asked(), answer));
    if (cell.full->state == ListState::listed) {
      ++count_.listings;
      ++pending.entry->open;
      reasons_.push_back({pending.entry, pending.lane, Asks::reason});
    }
  }
  if (const auto verdict = lane.note(answer, cell.full.get())) {
    for (auto& gate : lane.gates()) shut(gate, pending.lane, *verdict);
  }
}

void Sweep::on_address(SweepEntry& entry, const dns::Answer& answer) {
  entry.unanswered = entry.unanswered || !answer.definite();
  entry.evidence.push_back(dns::to_evidence(answer));
  for (const auto& record : answer.records) {
    if (const auto* ip = std::get_if<IpAddress>(&record.data)) entry.addresses.push_back(*ip);
  }
}

/// The addresses of a name take its place; what is wrong with them is told after them.
void Sweep::expand(const SweepEntry& lookup) {
  const auto place = std::find_if(entries_.begin(), entries_.end(),
                                  [&lookup](const SweepEntry& each) { return &each == &lookup; });
  const bool served = std::any_of(
      lookup.addresses.begin(), lookup.addresses.end(),
      [this](const IpAddress& ip) { return choice_->any_serves(kind_of(ip.unmapped())); });
  for (const auto& address : lookup.addresses) {
    auto& entry = add_entry(place, address.to_string(), address.unmapped());
    entry.host = lookup.text;
    entry.host_served = served;
  }
}

/// Hands out what is complete, as far as everything before it is.
void Sweep::settle() {
  while (!stopped_ && !entries_.empty() && entries_.front().complete()) {
    hand_out(entries_.front());
    entries_.pop_front();
  }
  if (ended() && streams_.size() > 1) wake_all();
}

SweepItem Sweep::item_of(SweepEntry& entry) {
  SweepItem item;
  item.text = std::move(entry.text);
  item.host = std::move(entry.host);
  item.target = entry.target;
  item.started = entry.started;
  if (entry.lookup) {
    item.trouble = entry.unanswered ? NameTrouble::unanswered : NameTrouble::without_address;
    item.evidence = std::move(entry.evidence);
    return item;
  }
  const auto kind = kind_of(entry.target);
  item.result.own_lists = choice_;
  item.result.lists = take_results(entry, lanes_, kind);
  auto skipped = choice_->skipped(kind);
  std::move(skipped.begin(), skipped.end(), std::back_inserter(item.result.lists));
  judge_lists(item.result, entry.target, options_.quorum, context_.lists);
  if (entry.host_served) excuse_unserved(item.result);
  return item;
}

void Sweep::hand_out(SweepEntry& entry) {
  if (entry.lookup && !entry.unanswered && !entry.addresses.empty()) return;
  auto item = item_of(entry);
  // None of the lists is one of names: what they say is told of its addresses.
  if (!entry.lookup && kind_of(item.target) == TargetKind::domain) {
    asked_as_name_ = item.result.queried > 0;
    if (!asked_as_name_ &&
        (choice_->any_serves(TargetKind::ip4) || choice_->any_serves(TargetKind::ip6)))
      return;
  }
  item.asked_as_name = entry.lookup && asked_as_name_;
  ++count_.items;
  if (calls_.output(std::move(item))) return;
  refused_ = true;
  stop();
}

void Sweep::stop() {
  stopped_ = true;
  wake_all();
}

void Sweep::wake_all() {
  for (const auto& stream : streams_) stream->wake();
}

Task<void> Sweep::tick(std::shared_ptr<Sweep> self) {
  while (!self->finished_) {
    self->tick_timer_->expires_after(tick_interval);
    std::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await self->tick_timer_->async_wait(token);
    if (!self->finished_ && !self->stopped_ && !self->calls_.tick(self->count_)) self->stop();
  }
}

/// After a stop, what is complete is still handed out, past what is not.
SweepEnd Sweep::finish() {
  finished_ = true;
  tick_timer_->cancel();
  rate_timer_->cancel();
  SweepEnd end;
  end.complete = ended();
  for (auto& entry : entries_) {
    if (!entry.complete()) {
      ++end.unfinished;
    } else if (!refused_) {
      hand_out(entry);
    }
  }
  if (calls_.tick) calls_.tick(count_);
  return end;
}

Task<SweepEnd> sweep_lists(Context context, DnsblOptions options,
                           std::shared_ptr<const ListChoice> choice, std::vector<ListRoute> routes,
                           SweepCalls calls) {
  const auto sweep = std::make_shared<Sweep>(context, std::move(options), std::move(choice),
                                             std::move(routes), std::move(calls));
  auto end = co_await sweep->run();
  co_return end;
}

}  // namespace maildiag::checks
