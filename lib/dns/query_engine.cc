#include "dns/query_engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <asio/post.hpp>
#include <fmt/format.h>

#include "dns/codec.h"

namespace maildiag::dns {

QueryEngine::QueryEngine(asio::any_io_executor executor, std::shared_ptr<NetworkState> state)
    : executor_(std::move(executor)),
      state_(std::move(state)),
      window_(state_->options.window),
      timer_(executor_),
      slot_of_id_(std::size_t{1} << 16U, no_slot),
      channels_(executor_, state_->servers) {}

void QueryEngine::add(QueryJob& job) {
  enqueue(job);
  schedule();
}

void QueryEngine::wake(QueryJob& job) {
  if (job.stream.cancelled()) {
    abandon(job);
    job.ended.set();
    return;
  }
  enqueue(job);
  schedule();
}

void QueryEngine::enqueue(QueryJob& job) {
  if (!job.ended.is_set() && !std::exchange(job.queued, true)) waiting_.push_back(&job);
}

void QueryEngine::abandon(QueryJob& job) {
  std::erase(waiting_, &job);
  job.queued = false;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].job == &job) free_slot(static_cast<std::uint16_t>(i));
  }
  job.running = 0;
  schedule();
}

/// Later, so that what is asked in one round of the event loop leaves in one batch.
void QueryEngine::schedule() {
  if (std::exchange(scheduled_, true)) return;
  asio::post(executor_, [self = shared_from_this()] {
    self->scheduled_ = false;
    self->now_ = Clock::now();
    self->settle();
  });
}

/// After each event: sends what may be sent, and rests when nothing is under way.
void QueryEngine::settle() {
  turn_ = random_.next();
  do {
    refill();
    flush();
  } while (!unflushed_.empty() || may_start());
  if (waiting_.empty() && free_.size() == slots_.size()) stop();
}

bool QueryEngine::may_start() const {
  return !waiting_.empty() && slots_.size() - free_.size() < window_.size();
}

void QueryEngine::refill() {
  while (may_start()) {
    // The jobs take turns: a sweep does not hold up single questions.
    auto& job = *waiting_.front();
    waiting_.pop_front();
    job.queued = false;
    std::optional<QuestionStream::Numbered> next;
    try {
      if (!job.failure) next = job.stream.next();
    } catch (...) {
      job.failure = std::current_exception();
    }
    if (next) {
      // Thousands of checks ask one question each: who has asked all it wants waits for no turn.
      if (!job.stream.ended()) enqueue(job);
      start(job, std::move(*next));
    } else {
      end_if_done(job);
    }
  }
}

void QueryEngine::start(QueryJob& job, QuestionStream::Numbered next) {
  ++job.running;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint16_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto number = free_.back();
  free_.pop_back();
  auto& slot = slots_[number];
  slot.job = &job;
  slot.number = next.number;
  slot.question = std::move(next.question);
  slot.started = now_;
  slot.strays_before = strays_;
  slot.chain_ttl = 0x7fffffffU;
  try_next(number);
}

void QueryEngine::try_next(std::uint16_t number) {
  auto& slot = slots_[number];
  while (const auto next = slot.plan.next(state_->servers, state_->options)) {
    slot.current = *next;
    if (send_udp(number)) return;
  }
  give_up(number);
}

/// False: the server cannot be reached at all, and is out of the slot's plan.
bool QueryEngine::send_udp(std::uint16_t number) {
  auto& slot = slots_[number];
  drop_id(slot);
  std::error_code error;
  const auto taken = channels_.take(slot.current.server, turn_, error);
  if (!taken) {
    slot.plan.exclude(slot.current.server, state_->servers[slot.current.server],
                      Failure{Outcome::network_error, -1, error.message()});
    return false;
  }
  slot.channel = taken->channel;
  if (taken->opened) listen(slot.channel);
  slot.id = fresh_id();
  slot.has_id = true;
  slot_of_id_[slot.id] = number;
  slot.letters = slot.current.mixed_case ? LetterCase(random_) : LetterCase();
  slot.case_lost = false;
  stage(slot, *channels_.socket(slot.channel));
  slot.sent = now_;
  slot.deadline = now_ + slot.current.timeout;
  slot.resent = 0;
  set_resend(slot);
  arm(std::min(slot.deadline, slot.resend));
  return true;
}

void QueryEngine::stage(Slot& slot, UdpChannel& channel) {
  if (!channel.has_staged()) unflushed_.push_back(slot.channel);
  append_query(channel.staging(), question_of(slot), slot.id,
               {slot.current.edns, state_->options.recursion}, slot.letters);
  channel.end_packet();
}

/// Within one try the packet goes out again when an answer is late, with the same id from the same
/// port, so that the answer to either counts, and a forger gains nothing (RFC 5452 section 5).
void QueryEngine::set_resend(Slot& slot) {
  constexpr unsigned most_resent = 3;  // four packets: a loss of 10 % leaves one try of 10,000
  const auto& round_trip = state_->servers[slot.current.server].round_trip;
  slot.resend = Time::max();
  if (!round_trip.known() || slot.resent >= most_resent) return;
  const auto time = now_ + round_trip.late_after() * (1U << slot.resent);
  if (time < slot.deadline) slot.resend = time;
}

/// What left before the server's round trip was known has waited for the whole time-out only.
void QueryEngine::set_first_resends(std::size_t server) {
  const auto late_after = state_->servers[server].round_trip.late_after();
  for (auto& slot : slots_) {
    if (!slot.has_id || slot.current.server != server || slot.resent > 0) continue;
    const auto time = slot.sent + late_after;
    if (slot.resend != Time::max() || time >= slot.deadline) continue;
    slot.resend = time;
    arm(time);
  }
}

void QueryEngine::on_late(std::uint16_t number) {
  auto& slot = slots_[number];
  auto* channel = channels_.socket(slot.channel).get();
  if (channel == nullptr) return;
  window_.on_late();
  ++slot.resent;
  stage(slot, *channel);
  set_resend(slot);
}

void QueryEngine::note_round_trip(const Slot& slot) {
  if (slot.resent > 0) return;
  auto& round_trip = state_->servers[slot.current.server].round_trip;
  const bool known = round_trip.known();
  round_trip.add(now_ - slot.sent);
  if (!known && round_trip.known()) set_first_resends(slot.current.server);
}

void QueryEngine::flush() {
  const auto channels = std::exchange(unflushed_, {});
  for (const auto channel : channels) {
    const auto& socket = channels_.socket(channel);
    if (socket == nullptr || !socket->has_staged()) continue;
    const auto error = socket->flush();
    if (error == std::errc::operation_would_block) {
      flush_when_writable(channel);
    } else if (error) {
      fail_channel(channel, error);
    }
  }
}

void QueryEngine::flush_when_writable(std::size_t channel) {
  const auto& socket = channels_.socket(channel);
  socket->descriptor().async_wait(
      asio::posix::stream_descriptor::wait_write,
      [self = shared_from_this(), channel, waiter = socket](std::error_code error) {
        if (error || self->channels_.socket(channel) != waiter) return;
        self->now_ = Clock::now();
        self->unflushed_.push_back(channel);
        self->settle();
      });
}

std::uint16_t QueryEngine::fresh_id() {
  while (true) {  // the window is at most a quarter of all ids
    const auto id = random_.next();
    if (slot_of_id_[id] == no_slot) return id;
  }
}

void QueryEngine::drop_id(Slot& slot) {
  if (!slot.has_id) return;
  slot_of_id_[slot.id] = no_slot;
  slot.has_id = false;
  channels_.release(slot.channel);
}

void QueryEngine::stop() {
  channels_.close_all();
  timer_.cancel();
  armed_ = Time::max();
}

void QueryEngine::arm(Time deadline) {
  if (deadline >= armed_) return;
  armed_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
    if (!cancelled) self->on_timer();
  });
}

void QueryEngine::on_timer() {
  now_ = Clock::now();
  armed_ = Time::max();
  // What lies in the sockets is not late: this process may have been held up.
  for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
    if (channels_.socket(channel) != nullptr) read(channel);
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto& slot = slots_[i];
    if (slot.has_id && slot.deadline <= now_) {
      on_timeout(static_cast<std::uint16_t>(i));
    } else if (slot.has_id && slot.resend <= now_) {
      on_late(static_cast<std::uint16_t>(i));
    }
  }
  auto earliest = Time::max();
  for (const auto& slot : slots_) {
    if (slot.has_id) earliest = std::min({earliest, slot.deadline, slot.resend});
  }
  arm(earliest);
  settle();
}

void QueryEngine::on_timeout(std::uint16_t number) {
  auto& slot = slots_[number];
  auto& server = state_->servers[slot.current.server];
  ++server.failures;
  window_.on_loss(slot.sent, now_);
  slot.plan.spend(server, Failure{Outcome::timeout, -1, "no answer in time"});
  try_next(number);
}

void QueryEngine::fail_channel(std::size_t channel, std::error_code error) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    auto& slot = slots_[i];
    if (!slot.has_id || slot.channel != channel) continue;
    slot.plan.exclude(slot.current.server, state_->servers[slot.current.server],
                      Failure{Outcome::network_error, -1, error.message()});
    try_next(static_cast<std::uint16_t>(i));
  }
}

void QueryEngine::give_up(std::uint16_t number) {
  const auto& slot = slots_[number];
  const auto verdict = slot.plan.verdict();
  Answer answer;
  answer.outcome = verdict.outcome;
  answer.rcode = verdict.rcode;
  answer.cname_chain = slot.chain;
  answer.detail = slot.plan.detail().empty() ? verdict.reason : slot.plan.detail();
  const auto ignored = slot.ignored + (strays_ - slot.strays_before);
  if (ignored > 0) {
    answer.detail += fmt::format("; {} messages with a wrong id or question ignored", ignored);
  }
  finish(number, std::move(answer));
}

/// Hands out the answer and frees the slot. What `done` throws ends its job.
void QueryEngine::finish(std::uint16_t number, Answer answer) {
  auto& slot = slots_[number];
  auto& job = *slot.job;
  const auto number_of_stream = slot.number;
  answer.question = std::move(slot.question);
  answer.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now_ - slot.started);
  if (!state_->servers.empty()) answer.server = state_->servers[slot.current.server].name;
  free_slot(number);
  --job.running;
  if (!job.failure) {
    try {
      job.stream.done(number_of_stream, std::move(answer));
    } catch (...) {
      job.failure = std::current_exception();
    }
  }
  end_if_done(job);
  enqueue(job);  // the answer may have brought a question
}

void QueryEngine::end_if_done(QueryJob& job) {
  if (job.running > 0 || (!job.failure && !job.stream.ended())) return;
  if (std::exchange(job.queued, false)) std::erase(waiting_, &job);
  job.ended.set();
}

void QueryEngine::free_slot(std::uint16_t number) {
  auto& slot = slots_[number];
  drop_id(slot);
  slot.job = nullptr;
  slot.chasing = false;
  slot.chain.clear();
  slot.plan = TryPlan();
  slot.tcp = nullptr;
  slot.ignored = 0;
  free_.push_back(number);
}

}  // namespace maildiag::dns
