/// The network backend at work on one event loop: questions go out in a window, answers come back
/// in any order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include "dns/event.h"
#include "dns/question_stream.h"
#include "dns/random_source.h"
#include "dns/reply.h"
#include "dns/send_window.h"
#include "dns/server_channels.h"
#include "dns/tcp_exchange.h"
#include "dns/try_plan.h"
#include "dns/udp_channel.h"
#include "dns/wire_message.h"

namespace maildiag::dns {

/// What every engine of a backend shares; it outlives them.
struct NetworkState {
  NetworkOptions options;
  Servers servers;
};

/// A stream of questions that is worked on.
struct QueryJob {
  QueryJob(const asio::any_io_executor& executor, QuestionStream& questions)
      : stream(questions), ended(executor) {}

  QuestionStream& stream;
  bool queued = false;         // it may have a question to send
  std::size_t running = 0;     // under way
  std::exception_ptr failure;  // thrown by the stream
  Event ended;
};

/// Opens sockets with the first question and closes them after the last, so that nothing keeps the
/// event loop alive.
class QueryEngine : public std::enable_shared_from_this<QueryEngine> {
 public:
  QueryEngine(asio::any_io_executor executor, std::shared_ptr<NetworkState> state);

  /// Sets job.ended when all is answered, or its stream is cancelled. REQUIRES: the job lives until
  /// then or until abandon().
  void add(QueryJob& job);
  /// The job's stream has something to say.
  void wake(QueryJob& job);
  /// Forgets a job, however far it is.
  void abandon(QueryJob& job);

  const asio::any_io_executor& executor() const { return executor_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;
  static constexpr std::uint16_t no_slot = 0xffff;

  /// A question under way.
  struct Slot {
    QueryJob* job = nullptr;   // null: free
    std::uint64_t number = 0;  // the stream's own
    Question question;
    Question chased;  // where a CNAME led out of a message
    bool chasing = false;
    std::vector<DomainName> chain;
    std::uint32_t chain_ttl = 0;
    TryPlan plan;
    TryPlan::Try current;
    std::size_t channel = 0;
    std::uint16_t id = 0;
    bool has_id = false;
    LetterCase letters;      // of the message with this id
    bool case_lost = false;  // in this try, over UDP
    std::unique_ptr<TcpExchange> tcp;
    Time started, sent, deadline;
    Time resend = Time::max();      // when the packet is probably lost
    unsigned resent = 0;            // in this try
    std::size_t ignored = 0;        // messages with its id and another question
    std::size_t strays_before = 0;  // strays_ when it started
  };

  const Question& question_of(const Slot& slot) const {
    return slot.chasing ? slot.chased : slot.question;
  }

  // Sending.
  void schedule();
  void settle();
  bool may_start() const;
  void refill();
  void enqueue(QueryJob& job);
  void start(QueryJob& job, QuestionStream::Numbered next);
  void try_next(std::uint16_t number);
  bool send_udp(std::uint16_t number);
  void stage(Slot& slot, UdpChannel& channel);
  void flush();
  void flush_when_writable(std::size_t channel);
  std::uint16_t fresh_id();
  void drop_id(Slot& slot);
  void stop();

  // Receiving.
  void listen(std::size_t channel);
  void on_readable(std::size_t channel);
  void read(std::size_t channel);
  void on_packet(std::size_t channel, std::span<char> packet, bool cut_off);
  void on_message(std::uint16_t number, std::string_view packet);
  void start_tcp(std::uint16_t number);
  void on_tcp(std::uint16_t number, std::error_code error, std::string message);
  void fail_tcp(std::uint16_t number, std::error_code error);
  void reject(std::uint16_t number, Failure failure);
  void spend_case_loss(Slot& slot, Failure failure);
  void on_reply(std::uint16_t number, Reply reply);
  void chase(std::uint16_t number, Reply reply);

  // Failing.
  void arm(Time deadline);
  void on_timer();
  void on_timeout(std::uint16_t number);
  void on_late(std::uint16_t number);
  void set_resend(Slot& slot);
  void set_first_resends(std::size_t server);
  void note_round_trip(const Slot& slot);
  void fail_channel(std::size_t channel, std::error_code error);
  void give_up(std::uint16_t number);

  void finish(std::uint16_t number, Answer answer);
  void end_if_done(QueryJob& job);
  void free_slot(std::uint16_t number);

  asio::any_io_executor executor_;
  std::shared_ptr<NetworkState> state_;
  RandomSource random_;
  SendWindow window_;
  asio::steady_timer timer_;
  Time armed_ = Time::max();
  Time now_ = Clock::now();
  bool scheduled_ = false;

  std::deque<QueryJob*> waiting_;  // jobs with questions not yet sent
  std::deque<Slot> slots_;
  std::vector<std::uint16_t> free_;
  std::vector<std::uint16_t> slot_of_id_;
  ServerChannels channels_;
  std::vector<std::size_t> unflushed_;
  std::size_t turn_ = 0;    // chance: which of a server's channels sends now
  std::size_t strays_ = 0;  // messages that belong to no question under way
  ReceiveBuffers buffers_;
};

}  // namespace maildiag::dns
