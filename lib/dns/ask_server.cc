#include "dns/ask_server.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "core/deadline.h"
#include "dns/codec.h"
#include "dns/event.h"
#include "dns/random_source.h"
#include "dns/reply.h"
#include "dns/tcp_exchange.h"
#include "dns/try_plan.h"
#include "dns/udp_channel.h"
#include "dns/wire_message.h"

namespace maildiag::dns {
namespace {

/// What an answer has to repeat.
struct Sent {
  const Question& question;
  std::uint16_t id = 0;
  LetterCase letters;
};

bool take_sections(std::string_view message, const Question& question, ServerReply& reply) {
  auto answers = read_section(message, WireSection::answer, question);
  auto authorities = read_section(message, WireSection::authority, question);
  auto additionals = read_section(message, WireSection::additional, question);
  if (!answers || !authorities || !additionals) return false;
  reply.answers = std::move(*answers);
  reply.authorities = std::move(*authorities);
  reply.additionals = std::move(*additionals);
  return true;
}

void set_malformed(ServerReply& reply, std::string_view detail) {
  reply.outcome = Outcome::malformed;
  reply.detail = detail;
}

/// Servers that cannot read EDNS may send back nothing but a header; that says nothing about a
/// name.
bool is_bare_refusal(const WireHeader& header) {
  return header.questions == 0 && header.rcode() != 0 &&
         !is_definite(outcome_of_rcode(static_cast<int>(header.rcode())));
}

Echo find_echo(std::string_view message, const Sent& sent) {
  const auto header = read_header(message);
  if (!header || !header->is_response() || header->opcode() != 0 || header->id != sent.id) {
    return Echo::none;
  }
  if (is_bare_refusal(*header)) return Echo::exact;
  return compare_question(message, *header, sent.question, sent.letters);
}

/// What stands in the message. REQUIRES: it has an echo.
void read_message(std::span<char> octets, const Question& question, ServerReply& reply) {
  const std::string_view message(octets.data(), octets.size());
  const auto header = read_header(message);
  if (header->questions > 0) spell_as_asked(octets, question);
  reply.octets = message.size();
  reply.rcode = static_cast<int>(header->rcode());
  reply.authoritative = header->authoritative();
  reply.truncated = header->truncated();
  reply.recursion_available = (header->flags & 0x0080U) != 0;
  reply.outcome = outcome_of_rcode(reply.rcode);
  if (const auto fault = find_fault(message)) {
    if (!reply.truncated) set_malformed(reply, *fault);
    return;  // a truncated message may end anywhere
  }
  for_each_record(message, [&](const WireRecord& record) {
    if (record.section != WireSection::additional || record.type != type_opt) return;
    reply.edns = true;
    reply.rcode |= static_cast<int>(record.ttl >> 24U << 4U);
  });
  reply.outcome = outcome_of_rcode(reply.rcode);
  if (!take_sections(message, question, reply)) {
    return set_malformed(reply, "a record's data does not fit its type");
  }
  const bool found =
      std::any_of(reply.answers.begin(), reply.answers.end(), [&](const Record& record) {
        return record.type == question.type || question.type == RecordType::any;
      });
  if (reply.outcome == Outcome::nodata && found) reply.outcome = Outcome::answer;
  if (reply.outcome == Outcome::nxdomain && found) set_malformed(reply, nxdomain_with_records);
}

/// A refusal by ICMP is told by the first receive.
class UdpQuestion {
 public:
  UdpQuestion(const ServerQuestion& asked, Sent sent) : asked_(asked), sent_(sent) {}

  /// An answer came with other letters in its question, and no other one.
  bool lost_case() const { return lost_case_; }

  Task<void> run(ServerReply& reply) {
    const auto executor = co_await asio::this_coro::executor;
    std::error_code error;
    UdpChannel channel(executor, asked_.server, error, asked_.source);
    for (unsigned i = 0; !error && i < std::max(1U, asked_.tries) && !ended(); ++i) {
      append_query(channel.staging(), asked_.question, sent_.id, {asked_.edns, asked_.recursion},
                   sent_.letters);
      channel.end_packet();
      error = channel.flush();
      const auto until = std::chrono::steady_clock::now() + asked_.timeout;
      while (!error && !ended() && std::chrono::steady_clock::now() < until) {
        co_await wait(channel, executor, until);
        error = receive(channel, reply);
      }
    }
    if (answered_) co_return;
    reply.error = error ? error : std::make_error_code(std::errc::timed_out);
    reply.outcome = error ? Outcome::network_error : Outcome::timeout;
    reply.detail = reply.error.message();
  }

 private:
  static Task<void> wait(UdpChannel& channel, asio::any_io_executor executor,
                         std::chrono::steady_clock::time_point until) {
    const Deadline deadline(executor, until, [&channel] {
      std::error_code ignored;
      channel.descriptor().cancel(ignored);
    });
    std::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await channel.descriptor().async_wait(asio::posix::stream_descriptor::wait_read, token);
  }

  std::error_code receive(UdpChannel& channel, ServerReply& reply) {
    std::error_code error;
    const auto count = buffers_.receive(channel.native(), error);
    for (std::size_t i = 0; i < count && !ended(); ++i) {
      const auto packet = buffers_.packet(i);
      const auto echo = find_echo({packet.data(), packet.size()}, sent_);
      lost_case_ = echo == Echo::other_case && !sent_.letters.is_as_asked();
      answered_ = echo != Echo::none && !lost_case_;
      if (answered_) read_message(packet, asked_.question, reply);
      if (answered_ && buffers_.cut_off(i)) reply.truncated = true;
    }
    const bool none = error == std::errc::operation_would_block ||
                      error == std::errc::resource_unavailable_try_again ||
                      error == std::errc::interrupted;
    return none || ended() ? std::error_code() : error;
  }

  bool ended() const { return answered_ || lost_case_; }

  const ServerQuestion& asked_;
  Sent sent_;
  ReceiveBuffers buffers_;
  bool answered_ = false, lost_case_ = false;
};

/// A server may spell the question as it likes here: nobody forges what comes over a connection
/// that he does not see.
Task<void> ask_tcp(const ServerQuestion& asked, Sent sent, ServerReply& reply) {
  const auto executor = co_await asio::this_coro::executor;
  std::string query;
  append_query(query, asked.question, sent.id, {asked.edns, asked.recursion}, sent.letters);
  Event ended(executor);
  std::error_code failed;
  std::string message;
  TcpExchange::Done done = [&](std::error_code error, std::string octets) {
    failed = error;
    message = std::move(octets);
    ended.set();
  };
  const auto exchange = TcpExchange::start(executor, asked.server, std::move(query), asked.timeout,
                                           std::move(done), asked.source);
  co_await ended.wait();
  if (failed) {
    // Asio's category of errno values does not know std::errc.
    reply.error = std::error_code(failed.value(), std::generic_category());
    reply.outcome = failed == std::errc::timed_out ? Outcome::timeout : Outcome::network_error;
    reply.detail = failed.message();
  } else if (find_echo(message, sent) == Echo::none) {
    set_malformed(reply, "not an answer to the question over TCP");
  } else {
    read_message(message, asked.question, reply);
  }
}

/// An answer in which only the letters are wrong is not believed: it may be forged. Where TCP
/// cannot tell again and again, the server does not keep them and gets the name as it was asked.
Task<void> ask_udp(const ServerQuestion& asked, RandomSource& random, ServerReply& reply) {
  for (unsigned losses = 0; losses < most_unproven_losses; ++losses) {
    reply = ServerReply();
    const Sent in_mixed_case{asked.question, random.next(), LetterCase(random)};
    UdpQuestion mixed(asked, in_mixed_case);
    co_await mixed.run(reply);
    if (!mixed.lost_case()) co_return;
    reply = ServerReply();
    const Sent over_tcp{asked.question, random.next(), LetterCase(random)};
    co_await ask_tcp(asked, over_tcp, reply);
    if (reply.came()) co_return;
  }
  reply = ServerReply();
  UdpQuestion plain(asked, {asked.question, random.next(), LetterCase()});
  co_await plain.run(reply);
}

}  // namespace

Task<ServerReply> ask_server(ServerQuestion question) {
  ServerReply reply;
  RandomSource random;
  const auto started = std::chrono::steady_clock::now();
  if (question.tcp) {
    const Sent sent{question.question, random.next(), LetterCase(random)};
    co_await ask_tcp(question, sent, reply);
  } else {
    co_await ask_udp(question, random, reply);
  }
  reply.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - started);
  co_return reply;
}

Evidence to_evidence(const Question& question, const ServerReply& reply,
                     const std::string& server) {
  Answer answer;
  answer.question = question;
  answer.outcome = reply.outcome;
  answer.rcode = reply.rcode;
  for (const auto& record : reply.answers) {
    if (record.type == question.type) answer.records.push_back(record);
  }
  answer.server = server;
  answer.elapsed = reply.elapsed;
  answer.detail = reply.detail;
  return to_evidence(answer);
}

}  // namespace maildiag::dns
