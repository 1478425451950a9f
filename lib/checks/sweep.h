/// A sweep at work. The face is dnsbl_sweep.h.
#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include "checks/dnsbl_sweep.h"
#include "checks/list_lane.h"
#include "dns/question_stream.h"

namespace maildiag::checks {

using SweepClock = std::chrono::steady_clock;
using Numbered = dns::QuestionStream::Numbered;

/// Targets come in one by one, as questions can be asked; each list has a lane with its own limit.
/// What waits for a list waits in its lane and holds up no other.
class Sweep : public std::enable_shared_from_this<Sweep> {
 public:
  Sweep(Context context, DnsblOptions options, std::shared_ptr<const ListChoice> choice,
        std::vector<ListRoute> routes, SweepCalls calls);
  Task<SweepEnd> run();

 private:
  /// What the backend of one route sees.
  class Stream : public dns::QuestionStream {
   public:
    Stream(Sweep& sweep, std::size_t route) : sweep_(sweep), route_(route) {}
    std::optional<Numbered> next() override { return sweep_.next(route_); }
    void done(std::uint64_t number, dns::Answer answer) override {
      sweep_.done(number, std::move(answer));
    }
    bool ended() const override { return sweep_.ended(); }
    bool cancelled() const override { return sweep_.stopped_; }

   private:
    Sweep& sweep_;
    std::size_t route_;
  };

  enum class Asks { list, reason, address };
  struct Pending {
    SweepEntry* entry = nullptr;
    std::size_t lane = 0;
    Asks asks = Asks::list;
  };

  // Asking.
  std::optional<Numbered> next(std::size_t route);
  std::optional<Numbered> next_reason(std::size_t route);
  std::optional<Numbered> next_waiting(std::size_t route);
  std::optional<Numbered> next_of(SweepEntry& entry, std::size_t route);
  std::optional<Numbered> next_address(SweepEntry& entry);
  Numbered ask_lane(SweepEntry& entry, std::size_t lane);
  Numbered number(dns::Question question, Pending pending);
  bool pull();
  bool add(SweepInput input);
  SweepEntry& add_entry(std::list<SweepEntry>::iterator place, std::string text,
                        const DnsblTarget& target);
  void wait(SweepEntry& entry, std::size_t lane, ListGate& gate);
  void start_test(std::size_t lane, TargetKind kind);
  static Task<void> test(std::shared_ptr<Sweep> self, std::size_t lane, TargetKind kind);
  void shut(ListGate& gate, std::size_t lane, const SelfTestVerdict& verdict);
  void wake_later(SweepClock::time_point time);

  // Answering.
  void done(std::uint64_t number, dns::Answer answer);
  void on_list(const Pending& pending, const dns::Answer& answer);
  void on_address(SweepEntry& entry, const dns::Answer& answer);
  void expand(const SweepEntry& lookup);
  void settle();
  void hand_out(SweepEntry& entry);
  SweepItem item_of(SweepEntry& entry);

  bool ended() const { return input_done_ && entries_.empty(); }
  void stop();
  void wake_all();
  static Task<void> tick(std::shared_ptr<Sweep> self);
  dns::Resolver& resolver_of(std::size_t route);
  SweepEnd finish();

  Context context_;
  DnsblOptions options_;
  std::shared_ptr<const ListChoice> choice_;
  std::vector<ListRoute> routes_;
  SweepCalls calls_;
  std::optional<asio::any_io_executor> executor_;
  std::optional<asio::steady_timer> tick_timer_, rate_timer_;

  std::vector<ListLane> lanes_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::list<SweepEntry> entries_;    // in the order of the input
  std::deque<SweepEntry*> ready_;    // those with lanes that were not looked at
  std::deque<SweepEntry*> lookups_;  // those that another route came across
  std::deque<Pending> reasons_;      // TXT questions about listings
  std::size_t waiting_ = 0;          // in all gates
  std::size_t turn_ = 0;             // of the lanes with waiting entries
  std::vector<Pending> pending_;     // questions under way, by number
  std::vector<std::uint64_t> free_;  // numbers
  SweepCount count_;
  bool asked_as_name_ = false;  // domain lists were, about the last name
  bool input_done_ = false, stopped_ = false, refused_ = false, finished_ = false;
};

}  // namespace maildiag::checks
