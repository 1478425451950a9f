/// One list in a sweep: whether it may be asked now, and who waits for it.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>

#include "checks/dnsbl_read.h"
#include "checks/rate_limit.h"
#include "core/clock.h"

namespace maildiag::checks {

/// What a list said about one target. Most say no; that needs no more than this.
struct SweepCell {
  ListState state = ListState::skipped;
  std::uint32_t ttl = 0;
  std::unique_ptr<ListResult> full;
};

/// A target under way, or a name whose addresses are looked up.
struct SweepEntry {
  std::string text, host;
  bool host_served = false;  ///< some list serves this address or another one of its host
  DnsblTarget target;
  WallTime started = std::chrono::system_clock::now();
  DomainName front;              ///< of its questions: see question_front()
  std::vector<SweepCell> cells;  ///< one for each lane
  std::size_t next_lane = 0;     ///< the first one that was not looked at yet
  std::size_t open = 0;          ///< questions under way or waiting

  bool lookup = false;
  bool asked_a = false, asked_aaaa = false;
  bool unanswered = false;
  std::vector<IpAddress> addresses;
  std::vector<Evidence> evidence;

  bool complete() const {
    return open == 0 && (lookup ? asked_a && asked_aaaa : next_lane == cells.size());
  }
};

/// A list is asked about a kind of targets only after it passed its self-test for that kind.
struct ListGate {
  enum class State { untested, testing, open, shut };
  State state = State::untested;
  SelfTestVerdict verdict;          ///< of a shut gate
  std::deque<SweepEntry*> waiting;  ///< for the test, or for the rate limit
};

class ListLane {
 public:
  ListLane(const AskedList& asked, double rate, std::size_t route)
      : asked_(&asked), limit_(rate), route_(route) {}

  const AskedList& asked() const { return *asked_; }
  ListGate& gate(TargetKind kind) { return gates_[static_cast<std::size_t>(kind)]; }
  std::array<ListGate, target_kinds>& gates() { return gates_; }
  RateLimit& limit() { return limit_; }
  std::size_t route() const { return route_; }

  /// What stands for an answer where the gate is shut, or else the name would be too long.
  std::unique_ptr<ListResult> refusal(const ListGate& gate) const;
  /// A list that keeps silent or refuses again and again is not asked any more: it costs time, and
  /// more questions only prolong a refusal. nullopt: go on.
  std::optional<SelfTestVerdict> note(const dns::Answer& answer, const ListResult* result);

 private:
  const AskedList* asked_;
  RateLimit limit_;
  std::size_t route_;
  std::array<ListGate, target_kinds> gates_;
  unsigned silent_ = 0, refused_ = 0;  // in a row
};

/// What the lists that serve this kind said about a complete entry.
std::vector<ListResult> take_results(SweepEntry& entry, std::vector<ListLane>& lanes,
                                     TargetKind kind);

}  // namespace maildiag::checks
