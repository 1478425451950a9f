#include <algorithm>
#include <utility>

#include "dns/codec.h"
#include "dns/query_engine.h"
#include "dns/reply.h"

namespace maildiag::dns {
namespace {

enum Rcode : int { formerr = 1, servfail = 2, notimp = 4, refused = 5, badvers = 16 };

/// Servers that cannot read EDNS may send back nothing but a header.
bool is_bare_refusal_of_edns(const WireHeader& header, bool edns) {
  const auto rcode = static_cast<int>(header.rcode());
  return edns && header.questions == 0 && (rcode == formerr || rcode == notimp);
}

std::string reason_of(const Reply& reply) {
  if (!reply.detail.empty()) return reply.detail;
  if (reply.rcode == servfail) return "SERVFAIL";
  if (reply.rcode == refused) return "REFUSED";
  if (reply.rcode == formerr) return "FORMERR";
  if (reply.rcode == notimp) return "NOTIMP";
  return "RCODE " + std::to_string(reply.rcode);
}

}  // namespace

void QueryEngine::listen(std::size_t channel) {
  const auto& socket = channels_.socket(channel);
  socket->descriptor().async_wait(
      asio::posix::stream_descriptor::wait_read,
      [self = shared_from_this(), channel, listener = socket](std::error_code error) {
        if (error || self->channels_.socket(channel) != listener) return;
        self->on_readable(channel);
        if (self->channels_.socket(channel) == listener) self->listen(channel);
      });
}

void QueryEngine::on_readable(std::size_t channel) {
  now_ = Clock::now();
  read(channel);
  settle();
}

/// REQUIRES: settle() follows.
void QueryEngine::read(std::size_t channel) {
  constexpr int rounds = 8;  // then the other sockets have their turn
  // The last answer closes a worn socket; another may stand in its place then.
  const auto socket = channels_.socket(channel);
  const auto is_open = [&] { return socket != nullptr && channels_.socket(channel) == socket; };
  for (int round = 0; round < rounds && is_open(); ++round) {
    std::error_code error;
    const auto count = buffers_.receive(socket->native(), error);
    for (std::size_t i = 0; i < count && is_open(); ++i) {
      on_packet(channel, buffers_.packet(i), buffers_.cut_off(i));
    }
    if (error && error != std::errc::operation_would_block && error != std::errc::interrupted) {
      fail_channel(channel, error);
    }
    if (count < ReceiveBuffers::batch) break;
  }
}

/// What does not belong to a question under way is counted and otherwise ignored: the true answer
/// may still come.
void QueryEngine::on_packet(std::size_t channel, std::span<char> octets, bool cut_off) {
  const std::string_view packet(octets.data(), octets.size());
  const auto header = read_header(packet);
  if (!header || !header->is_response() || header->opcode() != 0) {
    ++strays_;
    return;
  }
  const auto number = slot_of_id_[header->id];
  if (number == no_slot || slots_[number].channel != channel) {
    ++strays_;
    return;
  }
  auto& slot = slots_[number];
  const auto echo = compare_question(packet, *header, question_of(slot), slot.letters);
  if (echo == Echo::none && !is_bare_refusal_of_edns(*header, slot.current.edns)) {
    ++slot.ignored;
    return;
  }
  state_->servers[slot.current.server].failures = 0;
  note_round_trip(slot);
  window_.on_answer();
  slot.case_lost = echo == Echo::other_case && !slot.letters.is_as_asked();
  if (cut_off || header->truncated() || slot.case_lost) {
    start_tcp(number);
  } else {
    if (echo != Echo::none) spell_as_asked(octets, question_of(slot));
    on_message(number, packet);
  }
}

void QueryEngine::on_message(std::uint16_t number, std::string_view packet) {
  auto& slot = slots_[number];
  auto reply = read_reply(packet, question_of(slot));
  const bool rejects_edns =
      reply.rcode == formerr || reply.rcode == notimp || reply.rcode == badvers;
  if (slot.current.edns && rejects_edns) {
    slot.plan.drop_edns();
    slot.current.edns = false;
    if (!send_udp(number)) try_next(number);
    return;
  }
  on_reply(number, std::move(reply));
}

/// For what does not fit into a datagram, and where a forger may have guessed all but the letters.
/// A connection that he does not see he cannot forge, so it also tells which servers do not keep
/// the letters.
void QueryEngine::start_tcp(std::uint16_t number) {
  auto& slot = slots_[number];
  drop_id(slot);
  slot.id = random_.next();
  std::string query;
  append_query(query, question_of(slot), slot.id, {slot.current.edns, state_->options.recursion},
               slot.letters);
  slot.tcp = TcpExchange::start(executor_, state_->servers[slot.current.server].address,
                                std::move(query), slot.current.timeout,
                                [this, number](std::error_code error, std::string message) {
                                  on_tcp(number, error, std::move(message));
                                });
}

void QueryEngine::fail_tcp(std::uint16_t number, std::error_code error) {
  auto& slot = slots_[number];
  const auto outcome = error == std::errc::timed_out ? Outcome::timeout : Outcome::network_error;
  if (slot.case_lost) {
    spend_case_loss(slot, Failure{outcome, -1, error.message()});
  } else {
    slot.plan.spend(state_->servers[slot.current.server],
                    Failure{outcome, -1, "truncated answer, then over TCP: " + error.message()});
  }
  try_next(number);
}

/// A server that answers nothing usable is not asked again, unless only its letters speak against
/// what it said over UDP: the last try goes without them.
void QueryEngine::reject(std::uint16_t number, Failure failure) {
  auto& slot = slots_[number];
  if (slot.case_lost) {
    spend_case_loss(slot, std::move(failure));
  } else {
    slot.plan.exclude(slot.current.server, state_->servers[slot.current.server],
                      std::move(failure));
  }
  try_next(number);
}

void QueryEngine::spend_case_loss(Slot& slot, Failure failure) {
  auto& server = state_->servers[slot.current.server];
  if (++server.unproven_losses >= most_unproven_losses) server.keeps_case = false;
  failure.reason = "an answer with other letters in the question, then over TCP: " + failure.reason;
  slot.plan.spend(server, std::move(failure));
}

void QueryEngine::on_tcp(std::uint16_t number, std::error_code error, std::string message) {
  now_ = Clock::now();
  auto& slot = slots_[number];
  const auto exchange = std::move(slot.tcp);
  if (error) {
    fail_tcp(number, error);
    return settle();
  }
  auto& server = state_->servers[slot.current.server];
  const auto header = read_header(message);
  const auto echo =
      header ? compare_question(message, *header, question_of(slot), slot.letters) : Echo::none;
  if (!header || !header->is_response() || header->opcode() != 0 || header->id != slot.id ||
      header->truncated() || echo == Echo::none) {
    reject(number, Failure{Outcome::malformed, -1, "not an answer to the question over TCP"});
    return settle();
  }
  if (echo == Echo::other_case) server.keeps_case = false;
  spell_as_asked(message, question_of(slot));
  on_message(number, message);
  settle();
}

void QueryEngine::on_reply(std::uint16_t number, Reply reply) {
  auto& slot = slots_[number];
  if (!is_definite(reply.outcome)) {
    return reject(number, Failure{reply.outcome, reply.rcode, reason_of(reply)});
  }
  if (reply.ask_on) return chase(number, std::move(reply));
  Answer answer;
  answer.outcome = reply.outcome;
  answer.rcode = reply.rcode;
  answer.records = std::move(reply.records);
  answer.cname_chain = std::move(slot.chain);
  std::move(reply.cname_chain.begin(), reply.cname_chain.end(),
            std::back_inserter(answer.cname_chain));
  answer.ttl = std::min(slot.chain_ttl, reply.ttl);
  answer.authenticated = reply.authenticated;
  finish(number, std::move(answer));
}

/// Asks for the name to which a CNAME led out of the message (RFC 1034 section 5.3.3, step 4c).
void QueryEngine::chase(std::uint16_t number, Reply reply) {
  auto& slot = slots_[number];
  const auto target = std::move(*reply.ask_on);
  const bool loop = target == slot.question.name ||
                    std::find(slot.chain.begin(), slot.chain.end(), target) != slot.chain.end();
  std::move(reply.cname_chain.begin(), reply.cname_chain.end(), std::back_inserter(slot.chain));
  if (loop || slot.chain.size() > most_cnames) {
    Answer answer;
    answer.outcome = Outcome::servfail;
    answer.rcode = reply.rcode;
    answer.cname_chain = std::move(slot.chain);
    answer.detail = loop ? "CNAME loop" : "too many CNAMEs";
    return finish(number, std::move(answer));
  }
  slot.chain_ttl = std::min(slot.chain_ttl, reply.ttl);
  slot.chased = Question{target, question_of(slot).type};
  slot.chasing = true;
  slot.plan = TryPlan();
  try_next(number);
}

}  // namespace maildiag::dns
